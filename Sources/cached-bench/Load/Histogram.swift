/// Latencies in nanoseconds, counted in buckets whose width grows with what they hold.
///
/// ```text
///  value      0 … 255      256 … 511    512 … 1023    …    2^36 … 2^37 - 1
///  width      1            2            4                  2^29
///  buckets    256          128          128                128
/// ```
///
/// Gil Tene's HdrHistogram with 128 buckets for each power of two: a value read from it is at most
/// 0.8 % above the one that was recorded. Above 137 seconds a value counts as 137 seconds, and in
/// `aboveRange`. Recording touches one bucket, the maximum and the minimum; 32 KB in all.
struct Histogram: Sendable, Equatable {
    private static let subBucketBits = 7
    private static let subBuckets = 1 << subBucketBits
    private static let bits = 37
    /// The largest value that is told apart, in nanoseconds.
    static let highest = (UInt64(1) << bits) - 1
    private static let bucketCount = (bits - subBucketBits + 1) * subBuckets

    private var counts = [UInt64](repeating: 0, count: bucketCount)
    private var largest: UInt64 = 0
    private var smallest = UInt64.max
    /// Values that were cut to `highest`.
    private(set) var aboveRange = 0

    /// - Complexity: O(1), about 2 ns.
    @inline(__always)
    mutating func record(_ nanoseconds: UInt64) {
        let value = Swift.min(nanoseconds, Self.highest)
        if value < nanoseconds { aboveRange &+= 1 }
        counts[Self.bucket(of: value)] &+= 1
        if value > largest { largest = value }
        if value < smallest { smallest = value }
    }

    /// Never above the last bucket, as `value` is at most `highest`.
    @inline(__always)
    static func bucket(of value: UInt64) -> Int {
        let length = UInt64.bitWidth &- value.leadingZeroBitCount
        let shift = Swift.max(0, length &- subBucketBits &- 1)
        return shift &* subBuckets &+ Int(truncatingIfNeeded: value >> UInt64(shift))
    }

    /// The values that a bucket stands for.
    static func range(ofBucket bucket: Int) -> ClosedRange<UInt64> {
        let shift = Swift.max(0, bucket / subBuckets - 1)
        let lowest = UInt64(bucket - shift * subBuckets) << UInt64(shift)
        return lowest...(lowest + (1 << UInt64(shift)) - 1)
    }

    /// - Complexity: O(buckets), as are all that follow.
    var count: Int { Int(clamping: counts.reduce(0, &+)) }

    var isEmpty: Bool { smallest > largest }
    /// Exact; 0 when empty.
    var max: UInt64 { largest }
    var min: UInt64 { isEmpty ? 0 : smallest }

    /// Half a percent off at most; 0 when empty.
    var mean: Double {
        var sum = 0.0
        var number = 0.0
        for (bucket, count) in counts.enumerated() where count > 0 {
            let range = Self.range(ofBucket: bucket)
            sum += Double(count) * (Double(range.lowerBound) + Double(range.upperBound)) / 2
            number += Double(count)
        }
        return number > 0 ? sum / number : 0
    }

    /// The value that `percentile` percent of all are not above, in nanoseconds.
    func value(atPercentile percentile: Double) -> UInt64 {
        let total = count
        guard total > 0 else { return 0 }
        let share = Swift.min(100, Swift.max(0, percentile)) / 100
        let rank = Swift.max(1, Swift.min(Double(total), (share * Double(total)).rounded(.up)))
        var seen = 0.0
        for (bucket, count) in counts.enumerated() where count > 0 {
            seen += Double(count)
            if seen >= rank { return Swift.min(Self.range(ofBucket: bucket).upperBound, largest) }
        }
        return largest
    }

    mutating func merge(_ other: Histogram) {
        for bucket in counts.indices { counts[bucket] &+= other.counts[bucket] }
        largest = Swift.max(largest, other.largest)
        smallest = Swift.min(smallest, other.smallest)
        aboveRange += other.aboveRange
    }

    /// What was recorded since `earlier`, a former state of this histogram. Its extremes are those
    /// of its buckets.
    func since(_ earlier: Histogram) -> Histogram {
        var difference = Histogram()
        for bucket in counts.indices where counts[bucket] > earlier.counts[bucket] {
            difference.counts[bucket] = counts[bucket] - earlier.counts[bucket]
            let range = Self.range(ofBucket: bucket)
            difference.largest = Swift.min(range.upperBound, largest)
            if difference.smallest == .max {
                difference.smallest = Swift.max(range.lowerBound, smallest)
            }
        }
        return difference
    }

    struct Bucket: Sendable, Equatable {
        /// In nanoseconds.
        let values: ClosedRange<UInt64>
        let count: Int
    }

    /// The buckets that hold something, in ascending order.
    var buckets: [Bucket] {
        counts.indices.compactMap { bucket in
            guard counts[bucket] > 0 else { return nil }
            return Bucket(
                values: Self.range(ofBucket: bucket), count: Int(clamping: counts[bucket]))
        }
    }
}
