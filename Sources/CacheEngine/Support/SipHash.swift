/// A key's 64-bit hash: the high bits pick the shard, the low bits the bucket, and eight bits
/// between them are the tag that a bucket keeps.
public struct KeyHash: Equatable, Sendable {
    public let rawValue: UInt64

    @inline(__always)
    init(rawValue: UInt64) { self.rawValue = rawValue }

    /// A value to fill arrays with.
    public static let zero = KeyHash(rawValue: 0)

    /// 2...255. 0 stands for an empty slot, and 1 would differ from that in the lowest bit only,
    /// which the bucket's search by words could take for a match (see `BucketIndex.Probe`).
    @inline(__always)
    var tag: UInt8 {
        let bits = UInt8(truncatingIfNeeded: rawValue >> 40)
        return bits < 2 ? bits + 2 : bits
    }

    @inline(__always)
    var bucketBits: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
}

/// SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012), keyed so that
/// nobody outside can choose keys that collide.
struct SipHash: Sendable {
    private let k0: UInt64
    private let k1: UInt64

    init(k0: UInt64, k1: UInt64) {
        self.k0 = k0
        self.k1 = k1
    }

    /// - Complexity: O(`bytes.count`), about 15 ns for a key of 20 bytes.
    @inline(__always)
    func hash(_ bytes: Span<UInt8>) -> KeyHash {
        var v0 = k0 ^ 0x736f_6d65_7073_6575
        var v1 = k1 ^ 0x646f_7261_6e64_6f6d
        var v2 = k0 ^ 0x6c79_6765_6e65_7261
        var v3 = k1 ^ 0x7465_6462_7974_6573

        @inline(__always)
        func round() {
            // Wrapping addition is what SipHash is defined with.
            v0 &+= v1
            v1 = (v1 << 13) | (v1 >> 51)
            v1 ^= v0
            v0 = (v0 << 32) | (v0 >> 32)
            v2 &+= v3
            v3 = (v3 << 16) | (v3 >> 48)
            v3 ^= v2
            v0 &+= v3
            v3 = (v3 << 21) | (v3 >> 43)
            v3 ^= v0
            v2 &+= v1
            v1 = (v1 << 17) | (v1 >> 47)
            v1 ^= v2
            v2 = (v2 << 32) | (v2 >> 32)
        }

        let count = bytes.count
        let wordsEnd = count & ~7
        unsafe bytes.withUnsafeBytes { raw in
            var offset = 0
            // SAFETY: offset + 8 <= wordsEnd <= count, and the tail below reads under count.
            while offset < wordsEnd {
                let word = unsafe UInt64(
                    littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                v3 ^= word
                round()
                v0 ^= word
                offset += 8
            }
            var last = UInt64(truncatingIfNeeded: count) << 56
            var shift: UInt64 = 0
            while offset < count {
                unsafe last |= UInt64(raw[offset]) << shift
                shift += 8
                offset += 1
            }
            v3 ^= last
            round()
            v0 ^= last
        }
        v2 ^= 0xff
        round()
        round()
        round()
        return KeyHash(rawValue: v0 ^ v1 ^ v2 ^ v3)
    }
}
