import Foundation

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014): a
/// seed prints in one number and repeats everywhere.
struct TestRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        // Wrapping is what the generator is defined with.
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// 0..<bound. Slightly biased, which no test minds, and fast in a debug build.
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// From the lower to the upper bound, both included.
    mutating func between(_ lower: Int, _ upper: Int) -> Int { lower + below(upper - lower + 1) }

    mutating func isOneIn(_ count: Int) -> Bool { below(count) == 0 }
}

/// What the environment says of a run.
enum TestEnvironment {
    /// `CACHED_SEED`: repeats the run that printed it.
    static let seed = number("CACHED_SEED") ?? 0xcac4_ed20_2406_0001
    /// `CACHED_MODEL_OPERATIONS`: how many the model test makes in all.
    static let modelOperations = number("CACHED_MODEL_OPERATIONS").map { Int(clamping: $0) }

    private static func number(_ name: String) -> UInt64? {
        guard let text = ProcessInfo.processInfo.environment[name] else { return nil }
        if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16) }
        return UInt64(text)
    }
}

/// Bytes without a pattern, to cut values from.
enum Noise {
    static let bytes: [UInt8] = {
        var random = TestRandom(seed: 1)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Noise.length)
        while bytes.count < Noise.length {
            let word = random.next()
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return bytes
    }()

    static let length = 768 << 10

    /// `length` bytes, up to 512 KiB; a different `variant` gives different bytes.
    static func value(_ length: Int, variant: UInt64) -> [UInt8] {
        let start = Int(truncatingIfNeeded: variant % UInt64(Noise.length - (512 << 10)))
        return Array(bytes[start..<start + length])
    }
}
