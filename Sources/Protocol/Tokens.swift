/// The tokens of a line: what stands between spaces. Only spaces separate; a tab or a control
/// byte is a part of its token.
struct Tokens {
    private var ranges = InlineArray<24, ByteRange>(repeating: ByteRange(start: 0, end: 0))
    private(set) var count = 0

    init(_ bytes: Span<UInt8>, start: Int, end: Int) {
        var list = KeyList(ByteRange(start: start, end: end))
        while count < ProtocolLimits.maximumTokens, let token = list.next(in: bytes) {
            ranges[count] = token
            count += 1
        }
    }

    subscript(position: Int) -> ByteRange {
        precondition(position >= 0 && position < count, "no such token")
        return ranges[position]
    }

    func at(_ position: Int) -> ByteRange? {
        position >= 0 && position < count ? ranges[position] : nil
    }

    /// `noreply` counts only as the last token, and in lower case.
    func endsWithNoReply(_ bytes: Span<UInt8>) -> Bool {
        guard count > 0 else { return false }
        let last = ranges[count - 1]
        return Scan.matches("noreply", bytes, last.start, last.end)
    }
}

/// The keys of a line one after the other, without a limit on their number.
public struct KeyList: Sendable {
    public private(set) var rest: ByteRange

    @inlinable
    public init(_ range: ByteRange) { self.init(rest: range) }

    @usableFromInline
    init(rest: ByteRange) { self.rest = rest }

    public mutating func next(in bytes: Span<UInt8>) -> ByteRange? {
        var start = rest.start
        while start < rest.end, bytes[start] == UInt8(ascii: " ") { start += 1 }
        guard start < rest.end else {
            rest.start = rest.end
            return nil
        }
        let end = Scan.first(UInt8(ascii: " "), in: bytes, from: start, to: rest.end) ?? rest.end
        rest.start = end
        return ByteRange(start: start, end: end)
    }
}

extension Span where Element == UInt8 {
    /// The bytes of a range that the parser gave.
    @inlinable
    public subscript(range: ByteRange) -> Span<UInt8> {
        @_lifetime(copy self)
        get { extracting(range.start..<range.end) }
    }
}
