/// The rest of a `get` line whose beginning was executed already.
public enum RetrievalRest: Sendable {
    /// Not even one more key is complete.
    case incomplete
    /// A key is longer than 250 bytes.
    case malformed
    /// Keys, the last of which ends at the end of the line or before `next`.
    case keys(ByteRange, next: Int, endsLine: Bool)

    /// Bytes that are looked at in one go: what is looked at but not executed in this turn would be
    /// looked at again.
    private static let windowBytes = 4 << 10

    /// Finds some of the keys that are complete from `start` on.
    /// - Complexity: O(1).
    public static func parse(_ bytes: Span<UInt8>, from start: Int) -> RetrievalRest {
        let windowEnd = min(bytes.count, start + windowBytes)
        var end = windowEnd
        var next = end
        var endsLine = false
        if let newline = Scan.first(UInt8(ascii: "\n"), in: bytes, from: start, to: windowEnd) {
            let hasReturn = newline > start && bytes[newline - 1] == UInt8(ascii: "\r")
            end = hasReturn ? newline - 1 : newline
            next = newline + 1
            endsLine = true
        } else {
            // The last key may go on.
            while end > start, bytes[end - 1] != UInt8(ascii: " ") { end -= 1 }
            if windowEnd - end > ProtocolLimits.maximumKeyBytes + 1 { return .malformed }
            if end == start { return .incomplete }
            next = end
        }
        let range = ByteRange(start: start, end: end)
        var keys = KeyList(range)
        while let key = keys.next(in: bytes) {
            if key.count > ProtocolLimits.maximumKeyBytes { return .malformed }
        }
        return .keys(range, next: next, endsLine: endsLine)
    }
}
