/// A bijection of `0 ..< count`, so that the most frequent ranks are not neighbours in the key
/// space. It does not depend on the seed: the keys that are hot in one run are hot in the next.
///
/// Multiplying by an odd number and folding the high bits into the low ones are bijections of
/// the next power of two; what falls outside of the range is sent through again ("cycle walking",
/// Black and Rogaway 2002), less than once on average.
struct Scramble: Sendable {
    private let count: UInt64
    private let mask: UInt64
    private let fold: UInt64

    /// - Parameter count: at least 1.
    init(count: UInt64) {
        self.count = count
        let bits = UInt64(UInt64.bitWidth - (count - 1).leadingZeroBitCount)
        mask = bits == 64 ? .max : (1 << bits) - 1
        fold = max(1, (bits + 1) / 2)
    }

    /// - Parameter rank: below `count`.
    @inline(__always)
    func callAsFunction(_ rank: UInt64) -> UInt64 {
        var value = rank
        repeat {
            value = (value &* 0x9e37_79b9_7f4a_7c15 &+ 0x1234_5677) & mask
            value ^= value >> fold
            value = (value &* 0xd6e8_feb8_6659_fd93) & mask
            value ^= value >> fold
        } while value >= count
        return value
    }
}
