@testable import CacheEngine

/// Values that prove themselves: the first bytes name key, length and variant, and from those
/// follow all others. A mix of two values, or another key's, cannot pass for one.
enum ProvenValue {
    static let headerBytes = 24

    static func make(key: Int, length: Int, variant: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        let fields = [UInt64(key), UInt64(length), variant]
        for field in fields {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: field >> shift))
            }
        }
        let rest = max(0, length - headerBytes)
        bytes += Noise.value(rest, variant: noiseVariant(key, variant))
        return bytes
    }

    private static func noiseVariant(_ key: Int, _ variant: UInt64) -> UInt64 {
        (variant ^ UInt64(key)) & 0xffff_ffff * 2_654_435_761
    }

    /// What is wrong with a value of `key`; nil if nothing is.
    static func fault(in bytes: [UInt8], of key: Int) -> String? {
        guard bytes.count >= headerBytes else { return "\(bytes.count) bytes are no value" }
        let fields = (0..<3).map { field in
            (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[field * 8 + $1]) << UInt64($1 * 8) }
        }
        guard fields[0] == UInt64(key) else { return "key \(fields[0])'s value under \(key)" }
        guard fields[1] == UInt64(bytes.count) else {
            return "\(bytes.count) bytes of \(fields[1])"
        }
        return bytes == make(key: key, length: bytes.count, variant: fields[2])
            ? nil : "the bytes of key \(key)'s value are wrong"
    }
}
