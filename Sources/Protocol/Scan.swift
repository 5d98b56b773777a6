/// Searching bytes, eight at a time.
enum Scan {
    /// The first `byte` from `start` on and before `end`; nil if there is none.
    @inline(__always)
    static func first(
        _ byte: UInt8, in bytes: Span<UInt8>, from start: Int, to end: Int
    ) -> Int? {
        precondition(start >= 0 && end <= bytes.count)
        let pattern = UInt64(byte) &* 0x0101_0101_0101_0101
        return unsafe bytes.withUnsafeBytes { raw in
            var position = start
            // SAFETY: position + 8 <= end <= count for the words, position < end for the rest.
            while position &+ 8 <= end {
                let word = unsafe UInt64(
                    littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                let difference = word ^ pattern
                let zeros =
                    (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
                // The lowest hit is exact; false ones appear only above it.
                if zeros != 0 { return position &+ zeros.trailingZeroBitCount >> 3 }
                position &+= 8
            }
            while position < end {
                if unsafe raw[position] == byte { return position }
                position &+= 1
            }
            return nil
        }
    }

    /// Whether `text` stands at `start`.
    @inline(__always)
    static func matches(_ text: StaticString, _ bytes: Span<UInt8>, _ start: Int, _ end: Int)
        -> Bool
    {
        let count = text.utf8CodeUnitCount
        guard end - start == count else { return false }
        for offset in 0..<count where unsafe bytes[start + offset] != text.utf8Start[offset] {
            return false
        }
        return true
    }

    /// As C's isspace.
    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (byte >= 9 && byte <= 13) }
}
