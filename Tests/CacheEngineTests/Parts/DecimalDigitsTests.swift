import Testing

@testable import CacheEngine

@Suite struct DecimalDigitsTests {
    private func text(_ value: UInt64) -> String {
        var digits = DecimalDigits(value)
        var text = ""
        digits.withSpan { span in
            for position in span.indices {
                text.unicodeScalars.append(Unicode.Scalar(span[position]))
            }
        }
        #expect(digits.count == text.utf8.count)
        return text
    }

    @Test func everyNumberOfDigitsIsWrittenRightAtItsEdges() {
        var power: UInt64 = 1
        for _ in 0..<20 {
            for value in [power &- 1, power, power &+ 1] { #expect(text(value) == String(value)) }
            power = power.multipliedReportingOverflow(by: 10).partialValue
        }
        #expect(text(.max) == "18446744073709551615")
    }

    @Test func randomNumbersAreWrittenRight() {
        var random = TestRandom(seed: TestEnvironment.seed)
        for _ in 0..<5_000 {
            let value = random.next() >> UInt64(random.below(64))
            #expect(text(value) == String(value))
        }
    }
}

@Suite struct ClassSetTests {
    private func members(_ set: ClassSet) -> [Int] {
        var members: [Int] = []
        set.forEach { sizeClass in
            members.append(Int(sizeClass.rawValue))
            return true
        }
        return members
    }

    @Test func holdsExactlyWhatWasPutIn() {
        var set = ClassSet()
        var model = Set<Int>()
        var random = TestRandom(seed: TestEnvironment.seed)
        #expect(set.isEmpty)
        for _ in 0..<5_000 {
            let member = random.below(256)
            let isMember = random.isOneIn(2)
            set.set(SizeClass(rawValue: UInt8(member)), isMember)
            if isMember { model.insert(member) } else { model.remove(member) }
            #expect(set.isEmpty == model.isEmpty)
        }
        #expect(members(set) == model.sorted())
    }

    @Test func everySingleMemberIsFoundAlone() {
        for member in 0..<256 {
            var set = ClassSet()
            set.set(SizeClass(rawValue: UInt8(member)), true)
            #expect(!set.isEmpty && members(set) == [member])
            set.set(SizeClass(rawValue: UInt8(member)), false)
            #expect(set.isEmpty)
        }
    }

    @Test func aVisitEndsWhenItIsToldTo() {
        var set = ClassSet()
        for member in [3, 64, 130, 255] { set.set(SizeClass(rawValue: UInt8(member)), true) }
        var seen: [UInt8] = []
        set.forEach { sizeClass in
            seen.append(sizeClass.rawValue)
            return seen.count < 3
        }
        #expect(seen == [3, 64, 130])
    }
}
