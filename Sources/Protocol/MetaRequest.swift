/// The meta commands, by the second letter of their name.
public enum MetaCommand: Sendable {
    case get, set, delete, arithmetic, noop, debug
}

/// A meta command's line, parsed. Ranges are positions in the bytes that were parsed.
public struct MetaRequest: Sendable {
    /// As it was sent: in base64 if ``isKeyBinary``.
    public var key: ByteRange
    /// The flags and their tokens, for ``MetaFlags``; what is asked for is answered in this order.
    public var flags: ByteRange
    /// `ms`: the bytes of the value.
    public var valueLength = 0
    var letters = MetaLetters()
    /// T: the new exptime.
    public var exptime: Int32 = 0
    /// N: the exptime of an item that a miss makes.
    public var vivifyExptime: Int32 = 0
    /// R: who finds an item that expires before this wins the right to make a new value.
    public var recacheExptime: Int32 = 0
    /// C: the CAS value to compare with.
    public var comparedCAS: UInt64 = 0
    /// E: the CAS value to give.
    public var newCAS: UInt64 = 0
    /// F: the client's flags.
    public var clientFlags: UInt32 = 0
    /// M: the byte behind it, of those that `ms` or `ma` knows; 0 if there is none.
    public var mode: UInt8 = 0
    /// J: the value of a counter that a miss makes.
    public var initial: UInt64 = 0
    /// D: what is added or taken.
    public var delta: UInt64 = 1

    /// Whether a flag was given.
    @inline(__always)
    public func has(_ letter: Unicode.Scalar) -> Bool {
        letters.contains(UInt8(truncatingIfNeeded: letter.value))
    }

    public var isKeyBinary: Bool { has("b") }

    public init(key: ByteRange, flags: ByteRange) {
        self.key = key
        self.flags = flags
    }
}

/// A set of flags: bytes from `A` to `z`.
struct MetaLetters: Sendable {
    private var bits: UInt64 = 0

    /// False if it is there already, or if it is not between `A` and `z`.
    @inline(__always)
    mutating func insert(_ byte: UInt8) -> Bool {
        let place = byte &- UInt8(ascii: "A")
        guard place < 58, bits & (1 << UInt64(place)) == 0 else { return false }
        bits |= 1 << UInt64(place)
        return true
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let place = byte &- UInt8(ascii: "A")
        return place < 58 && bits & (1 << UInt64(place)) != 0
    }
}

/// The flags of a request one after the other, each with its token.
public struct MetaFlags: Sendable {
    private var tokens: KeyList

    public init(_ flags: ByteRange) { tokens = KeyList(flags) }

    /// The letter, and the range from it to the end of its token.
    @inline(__always)
    public mutating func next(in bytes: Span<UInt8>) -> (letter: UInt8, token: ByteRange)? {
        guard let token = tokens.next(in: bytes) else { return nil }
        return (bytes[token.start], token)
    }
}

/// What the parser made of a meta command's line.
public enum MetaParseResult: Sendable {
    case request(MetaRequest)
    /// Answer this, whether or not the client asked for quiet.
    case error(StaticString)
    /// The same, after the announced value of `length` bytes was taken off the stream.
    case storeError(StaticString, length: Int)
}

extension MetaRequest {
    /// Whether one flag stands before another; both are there.
    public func isBefore(
        _ first: Unicode.Scalar, _ second: Unicode.Scalar, _ bytes: Span<UInt8>
    ) -> Bool {
        var tokens = MetaFlags(flags)
        while let (letter, _) = tokens.next(in: bytes) {
            if letter == UInt8(truncatingIfNeeded: first.value) { return true }
            if letter == UInt8(truncatingIfNeeded: second.value) { return false }
        }
        return false
    }
}
