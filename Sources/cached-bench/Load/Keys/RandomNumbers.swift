/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014):
/// 1 ns a number, and a run can be repeated from its seed.
struct RandomNumbers: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Each stream is a generator of its own, for a thread.
    init(seed: UInt64, stream: Int = 0) {
        state = Self.mix(seed) ^ Self.mix(UInt64(truncatingIfNeeded: stream) &+ 0x5bf0_3635)
    }

    @inline(__always)
    mutating func next() -> UInt64 {
        // Wrapping is what the algorithm asks for.
        state &+= 0x9e37_79b9_7f4a_7c15
        return Self.mix(state)
    }

    /// Below `bound`, which is above 0. The bias is below bound / 2^64.
    @inline(__always)
    mutating func next(below bound: UInt64) -> UInt64 {
        next().multipliedFullWidth(by: bound).high
    }

    /// From 0 up to but not including 1, in steps of 2^-53.
    @inline(__always)
    mutating func nextUnit() -> Double { Self.unit(next()) }

    @inline(__always)
    static func unit(_ bits: UInt64) -> Double {
        Double(bits >> 11) * 0x1p-53
    }

    /// A bijection of 64 bits in which every bit of the input changes half of the output's.
    @inline(__always)
    static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
