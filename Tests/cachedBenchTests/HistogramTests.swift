import Testing

@testable import cached_bench

@Suite struct HistogramTests {
    /// Against the samples themselves: never below, and less than a percent above.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func percentilesAreWithinOnePercent(seed: UInt64) {
        var random = RandomNumbers(seed: seed)
        var histogram = Histogram()
        var samples: [UInt64] = []
        for _ in 0..<20_000 {
            let value = random.next() >> (28 + random.next(below: 36))
            samples.append(value)
            histogram.record(value)
        }
        samples.sort()
        for percentile in [0, 1, 10, 50, 90, 99, 99.9, 99.99, 100] {
            let rank = max(1, (percentile / 100 * Double(samples.count)).rounded(.up))
            let exact = samples[Int(rank) - 1]
            let read = histogram.value(atPercentile: percentile)
            #expect(read >= exact, "seed \(seed), p\(percentile)")
            #expect(Double(read - exact) <= 0.01 * Double(exact), "seed \(seed), p\(percentile)")
        }
        #expect(histogram.min == samples.first)
        #expect(histogram.max == samples.last)
        let mean = samples.reduce(0.0) { $0 + Double($1) } / Double(samples.count)
        #expect(abs(histogram.mean - mean) <= 0.005 * mean)
    }

    @Test func bucketsAdjoin() {
        var next: UInt64 = 0
        var bucket = 0
        while next <= Histogram.highest {
            let range = Histogram.range(ofBucket: bucket)
            #expect(range.lowerBound == next)
            #expect(Histogram.bucket(of: range.lowerBound) == bucket)
            #expect(Histogram.bucket(of: range.upperBound) == bucket)
            next = range.upperBound + 1
            bucket += 1
        }
        #expect(next == Histogram.highest + 1)
    }

    @Test func mergeIsTheSameAsRecordingAll() {
        var random = RandomNumbers(seed: 7)
        var (one, two, all) = (Histogram(), Histogram(), Histogram())
        for turn in 0..<1000 {
            let value = random.next() >> 30
            all.record(value)
            if turn % 3 == 0 { one.record(value) } else { two.record(value) }
        }
        one.merge(two)
        #expect(one == all)
        one.merge(Histogram())
        #expect(one == all)
    }

    @Test func differenceIsWhatCameSince() {
        var histogram = Histogram()
        for value in 1...100 as ClosedRange<UInt64> { histogram.record(value) }
        let earlier = histogram
        for value in 50...60 as ClosedRange<UInt64> { histogram.record(value) }
        let difference = histogram.since(earlier)
        #expect(difference.count == 11)
        #expect(difference.min == 50)
        #expect(difference.max == 60)
        #expect(histogram.since(histogram).isEmpty)
    }

    @Test func whatIsAboveTheRangeIsCutAndCounted() {
        var histogram = Histogram()
        histogram.record(.max)
        histogram.record(Histogram.highest + 1)
        histogram.record(Histogram.highest)
        #expect(histogram.aboveRange == 2)
        #expect(histogram.count == 3)
        #expect(histogram.max == Histogram.highest)
    }

    @Test func emptyIsZero() {
        let histogram = Histogram()
        #expect(histogram.isEmpty)
        #expect(histogram.value(atPercentile: 99) == 0)
        #expect((histogram.min, histogram.max) == (0, 0))
        #expect(histogram.mean == 0)
        #expect(histogram.buckets.isEmpty)
    }
}
