import Testing

@testable import cached_bench

@Suite struct ValueTests {
    private func sizes(_ sizes: LoadPlan.ValueSizes) -> [Int] {
        let sizer = ValueSizer(sizes)
        return (0..<20_000).map { sizer.size(of: UInt64($0)) }
    }

    @Test func aSizeIsAFunctionOfTheKey() {
        for spec in [
            LoadPlan.ValueSizes.uniform(1...1000), .logUniform(1...1000),
            .list([.init(bytes: 1, weight: 1), .init(bytes: 2, weight: 1)]),
        ] {
            #expect(sizes(spec) == sizes(spec))
        }
    }

    @Test func uniformSizesFillTheirRange() {
        let drawn = sizes(.uniform(10...19))
        for size in 10...19 {
            #expect(abs(drawn.count { $0 == size } - 2000) < 250)
        }
        #expect(drawn.allSatisfy { 10...19 ~= $0 })
    }

    @Test func logUniformSizesAreAsManyInEachDecade() {
        let drawn = sizes(.logUniform(10...99_999))
        for low in [10, 100, 1000, 10_000] {
            #expect(abs(drawn.count { low..<(10 * low) ~= $0 } - 5000) < 350)
        }
        #expect(drawn.allSatisfy { 10...99_999 ~= $0 })
    }

    @Test func listedSizesHaveTheirWeights() {
        let drawn = sizes(.list([.init(bytes: 32, weight: 9), .init(bytes: 1000, weight: 1)]))
        #expect(abs(drawn.count { $0 == 32 } - 18_000) < 250)
        #expect(drawn.count { $0 == 1000 } + drawn.count { $0 == 32 } == drawn.count)
    }

    private func value(_ key: UInt64, _ count: Int) -> [UInt8] {
        var output = OutputBuffer(capacity: 64)
        output.appendValue(ValuePattern(), key: key, bytes: count)
        var bytes: [UInt8] = []
        for place in output.bytes.indices { bytes.append(output.bytes[place]) }
        return bytes
    }

    /// Whether a part of a value is right. (`#expect` takes no spans.)
    private func matches(
        _ part: some Collection<UInt8>, at offset: Int = 0, key: UInt64, count: Int
    ) -> Bool {
        ValuePattern().matches(Array(part).span, at: offset, key: key, count: count)
    }

    @Test(arguments: [0, 1, 7, 8, 9, 15, 16, 17, 100, 8191, 8192, 8193, 8210, 30_000])
    func aValueMatchesInAnyPieces(count: Int) {
        let bytes = value(42, count)
        #expect(bytes.count == count)
        #expect(matches(bytes, key: 42, count: count))
        for cut in Set([0, 1, 5, 8, 12, count / 2, max(0, count - 9), max(0, count - 1), count])
        where cut <= count {
            #expect(matches(bytes[..<cut], key: 42, count: count))
            #expect(matches(bytes[cut...], at: cut, key: 42, count: count))
        }
    }

    @Test func aBitThatFellOverIsSeen() {
        let right = value(42, 64)
        for place in right.indices {
            var wrong = right
            wrong[place] ^= 1
            #expect(!matches(wrong, key: 42, count: 64))
        }
    }

    @Test func anotherKeysValueIsSeenAndAMixtureToo() {
        for count in [8, 32, 1000] {
            #expect(!matches(value(43, count), key: 42, count: count))
        }
        let torn = value(42, 1000)[..<500] + value(43, 1000)[500...]
        #expect(!matches(torn, key: 42, count: 1000))
        #expect(!matches(torn, key: 43, count: 1000))
        #expect(!matches(value(42, 999), key: 42, count: 1000))
        #expect(!matches(value(42, 10), key: 42, count: 9))
    }
}
