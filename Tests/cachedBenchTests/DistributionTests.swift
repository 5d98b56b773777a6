import Testing

@testable import cached_bench

@Suite struct DistributionTests {
    private static let draws = 200_000

    /// How often each key of a small key space is drawn.
    private func counts(
        _ distribution: LoadPlan.KeyDistribution, keys: Int, seed: UInt64 = 11
    ) -> [Int] {
        var chooser = KeyChooser(distribution, keySpace: keys, seed: seed)
        var counts = [Int](repeating: 0, count: keys)
        for _ in 0..<Self.draws { counts[Int(chooser.next())] += 1 }
        return counts
    }

    /// The frequency of each rank against its exact probability, five deviations apart at most.
    @Test(arguments: [0.5, 0.99, 1.0, 1.5])
    func zipfHasTheFrequenciesItShould(exponent: Double) {
        let keys = 1000
        var sampler = ZipfSampler(count: UInt64(keys), exponent: exponent)
        var random = RandomNumbers(seed: 3)
        var counts = [Int](repeating: 0, count: keys)
        for _ in 0..<Self.draws { counts[Int(sampler.next(&random))] += 1 }
        let weights = (1...keys).map { power(Double($0), -exponent) }
        let sum = weights.reduce(0, +)
        for rank in [0, 1, 2, 5, 10, 50, 100, 500, 999] {
            let probability = weights[rank] / sum
            let expected = probability * Double(Self.draws)
            let deviation = (expected * (1 - probability)).squareRoot()
            #expect(
                abs(Double(counts[rank]) - expected) <= 5 * deviation + 1,
                "exponent \(exponent), rank \(rank): \(counts[rank]) and not \(expected)")
        }
        // The whole head, where an error of the method would add up.
        let head = weights[..<100].reduce(0, +) / sum * Double(Self.draws)
        let drawn = Double(counts[..<100].reduce(0, +))
        #expect(abs(drawn - head) <= 5 * head.squareRoot())
    }

    /// x ^ y by its series of halvings: enough for a test, and not the code under test.
    private func power(_ base: Double, _ exponent: Double) -> Double {
        // base ^ exponent for exponents that are multiples of 1/128.
        var (result, root) = (1.0, base)
        var rest = (abs(exponent) * 4096).rounded() / 4096
        result = (0..<Int(rest)).reduce(result) { product, _ in product * base }
        rest -= rest.rounded(.down)
        for _ in 0..<12 {
            root = root.squareRoot()
            rest *= 2
            if rest >= 1 {
                result *= root
                rest -= 1
            }
        }
        return exponent < 0 ? 1 / result : result
    }

    @Test func zipfOfOneKeyAndOfManyStaysInside() {
        var random = RandomNumbers(seed: 5)
        var one = ZipfSampler(count: 1, exponent: 0.99)
        var many = ZipfSampler(count: 1 << 32, exponent: 0.2)
        var steep = ZipfSampler(count: 1 << 32, exponent: 10)
        for _ in 0..<10_000 {
            #expect(one.next(&random) == 0)
            #expect(many.next(&random) < 1 << 32)
            #expect(steep.next(&random) < 1 << 32)
        }
    }

    @Test func uniformIsEven() {
        let counts = counts(.uniform, keys: 100)
        let expected = Double(Self.draws) / 100
        #expect(counts.allSatisfy { abs(Double($0) - expected) < 6 * expected.squareRoot() })
    }

    @Test func gaussianHasItsMeanAndDeviation() {
        let counts = counts(.gaussian(deviation: 0.1), keys: 1000)
        let total = Double(Self.draws)
        let mean = counts.enumerated().reduce(0.0) { $0 + Double($1.offset * $1.element) } / total
        let variance =
            counts.enumerated().reduce(0.0) {
                $0 + (Double($1.offset) - mean) * (Double($1.offset) - mean) * Double($1.element)
            } / total
        #expect(abs(mean - 500) < 2)
        #expect(abs(variance.squareRoot() - 100) < 2)
    }

    @Test func gaussianBeyondTheEdgesCountsAsTheEdge() {
        let counts = counts(.gaussian(deviation: 10), keys: 10)
        #expect(counts[0] > Self.draws / 3)
        #expect(counts[9] > Self.draws / 3)
    }

    @Test func sequentialIsDealtToTheThreads() {
        var drawn: [UInt64] = []
        for thread in 0..<3 {
            var chooser = KeyChooser(
                .sequential, keySpace: 10, seed: 1, thread: thread, threads: 3)
            for _ in 0..<10 { drawn.append(chooser.next()) }
        }
        #expect(drawn.prefix(4) == [0, 3, 6, 9])
        #expect(drawn.sorted() == (0..<30).map { $0 / 3 })
    }

    @Test(arguments: [1, 2, 3, 7, 64, 1000, 1024, 1025, 65_537] as [UInt64])
    func scrambleIsABijection(count: UInt64) {
        let scramble = Scramble(count: count)
        var seen = [Bool](repeating: false, count: Int(count))
        for rank in 0..<count {
            let key = Int(scramble(rank))
            #expect(key < seen.count)
            #expect(!seen[key])
            seen[key] = true
        }
    }

    @Test func hotKeysAreNoNeighbours() {
        let scramble = Scramble(count: 1_000_000)
        let hot = (0..<20 as Range<UInt64>).map { scramble($0) }.sorted()
        for (key, next) in zip(hot, hot.dropFirst()) { #expect(next - key > 100) }
    }

    @Test func theSameSeedDrawsTheSame() {
        for distribution in [
            LoadPlan.KeyDistribution.uniform, .zipf(exponent: 0.99), .gaussian(deviation: 0.1),
        ] {
            var one = KeyChooser(distribution, keySpace: 1000, seed: 9)
            var two = KeyChooser(distribution, keySpace: 1000, seed: 9)
            var other = KeyChooser(distribution, keySpace: 1000, seed: 9, thread: 1, threads: 2)
            let first = (0..<100).map { _ in one.next() }
            #expect(first == (0..<100).map { _ in two.next() })
            #expect(first != (0..<100).map { _ in other.next() })
        }
    }
}
