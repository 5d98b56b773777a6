/// Takes replies apart, of each protocol, from bytes that come in any pieces. Only lines and headers
/// are looked at: the bytes of a value are passed over by their number.
struct ReplyParser {
    enum Event: Equatable {
        /// There is no whole line or header left; what is from the position on belongs to the next.
        case incomplete
        /// A value's line or header; the places are the key's, and equal where there is none.
        case value(keyStart: Int, keyEnd: Int, flags: UInt32, bytes: Int)
        /// Part of a value's bytes, from `offset` on in the value. Only when asked for.
        case body(start: Int, end: Int, offset: Int)
        /// A value, any line end included, is over. Only when asked for.
        case bodyEnd
        /// `END`: a text get is answered.
        case end
        /// `EN`, or the status of a binary get: it found nothing.
        case miss
        /// `MN`, or a binary no-op's answer: everything before it is answered.
        case noOperation
        /// `STORED`, `HD`, or a binary set's answer.
        case stored
        /// `NOT_STORED`, `EXISTS`, `NOT_FOUND` or their other forms.
        case notStored
        /// `ERROR`, `CLIENT_ERROR` or `SERVER_ERROR`, the places being the line's; or any other
        /// status of a binary reply, whose text is there.
        case error(start: Int, end: Int)
        /// No reply begins like this.
        case malformed
    }

    /// In a value, and what is left of it and of the line end behind it.
    private(set) var isInBody = false
    private var bodyRemaining = 0
    private var lineEndRemaining = 0
    private var bodyOffset = 0
    private let reportsBody: Bool
    private let reportsBodyEnd: Bool
    private let isBinary: Bool
    /// The last binary reply, of which the last event was the whole or a part.
    var reply = BinaryReply()

    init(reportsBody: Bool, reportsBodyEnd: Bool, isBinary: Bool = false) {
        self.reportsBody = reportsBody
        self.reportsBodyEnd = reportsBodyEnd
        self.isBinary = isBinary
    }

    /// The next thing at `position`, which moves behind it.
    @inline(__always)
    mutating func next(_ bytes: Span<UInt8>, _ position: inout Int) -> Event {
        if isInBody, let event = passBody(bytes, &position) { return event }
        guard position < bytes.count else { return .incomplete }
        if isBinary { return binaryReply(bytes, &position) }
        if bytes[position] == UInt8(ascii: "V") { return valueLine(bytes, &position) }
        return Self.otherLine(bytes, &position)
    }

    /// nil: the value is over, and nobody wanted to know.
    @inline(__always)
    private mutating func passBody(_ bytes: Span<UInt8>, _ position: inout Int) -> Event? {
        let available = bytes.count &- position
        if bodyRemaining > 0 {
            let part = min(available, bodyRemaining)
            guard part > 0 else { return .incomplete }
            let start = position
            position &+= part
            bodyRemaining &-= part
            bodyOffset &+= part
            if reportsBody {
                return .body(start: start, end: position, offset: bodyOffset &- part)
            }
        }
        guard bodyRemaining == 0 else { return .incomplete }
        // A length that is wrong would lead astray all that follows, so its end is checked.
        while lineEndRemaining > 0 {
            guard position < bytes.count else { return .incomplete }
            let expected = lineEndRemaining == 2 ? UInt8(ascii: "\r") : UInt8(ascii: "\n")
            guard bytes[position] == expected else { return .malformed }
            position &+= 1
            lineEndRemaining &-= 1
        }
        isInBody = false
        return reportsBodyEnd ? .bodyEnd : nil
    }

    @inline(__always)
    mutating func beginBody(bytes: Int, lineEndBytes: Int) {
        isInBody = true
        bodyRemaining = bytes
        lineEndRemaining = lineEndBytes
        bodyOffset = 0
    }

    /// `VALUE key flags bytes[ cas]`, or `VA bytes[ flag]...`
    @inline(__always)
    private mutating func valueLine(_ bytes: Span<UInt8>, _ position: inout Int) -> Event {
        let available = bytes.count &- position
        guard available >= 3 else { return .incomplete }
        if bytes[position &+ 1] == UInt8(ascii: "A"), bytes[position &+ 2] == UInt8(ascii: " ") {
            return metaValueLine(bytes, &position)
        }
        guard available >= 6 else { return .incomplete }
        guard bytes[position &+ 5] == UInt8(ascii: " ") else { return .malformed }
        let keyStart = position &+ 6
        var cursor = keyStart
        while cursor < bytes.count, bytes[cursor] > UInt8(ascii: " ") { cursor &+= 1 }
        let keyEnd = cursor
        var flags: UInt64 = 0
        var length: UInt64 = 0
        cursor &+= 1
        guard Self.number(bytes, &cursor, &flags), cursor < bytes.count else {
            return Self.broken(bytes, position)
        }
        cursor &+= 1
        guard Self.number(bytes, &cursor, &length) else { return Self.broken(bytes, position) }
        return finish(bytes, &position, cursor, keyStart, keyEnd, flags, length)
    }

    private mutating func metaValueLine(_ bytes: Span<UInt8>, _ position: inout Int) -> Event {
        var cursor = position &+ 3
        var flags: UInt64 = 0
        var length: UInt64 = 0
        var keyStart = position
        var keyEnd = position
        guard Self.number(bytes, &cursor, &length) else { return Self.broken(bytes, position) }
        while cursor &+ 1 < bytes.count, bytes[cursor] == UInt8(ascii: " ") {
            cursor &+= 1
            let letter = bytes[cursor]
            cursor &+= 1
            let start = cursor
            if letter == UInt8(ascii: "f") {
                guard Self.number(bytes, &cursor, &flags) else {
                    return Self.broken(bytes, position)
                }
            }
            while cursor < bytes.count, bytes[cursor] > UInt8(ascii: " ") { cursor &+= 1 }
            if letter == UInt8(ascii: "k") { (keyStart, keyEnd) = (start, cursor) }
        }
        return finish(bytes, &position, cursor, keyStart, keyEnd, flags, length)
    }

    /// The rest of a value's line, from behind its numbers.
    @inline(__always)
    private mutating func finish(
        _ bytes: Span<UInt8>, _ position: inout Int, _ afterNumbers: Int, _ keyStart: Int,
        _ keyEnd: Int, _ flags: UInt64, _ length: UInt64
    ) -> Event {
        var cursor = afterNumbers
        if cursor < bytes.count, bytes[cursor] != UInt8(ascii: " "),
            bytes[cursor] != UInt8(ascii: "\r")
        {
            return .malformed
        }
        while cursor < bytes.count, bytes[cursor] != UInt8(ascii: "\n") { cursor &+= 1 }
        guard cursor < bytes.count else { return .incomplete }
        guard bytes[cursor &- 1] == UInt8(ascii: "\r") else { return .malformed }
        position = cursor &+ 1
        // Ten digits at most: an Int has room for many more.
        beginBody(bytes: Int(length), lineEndBytes: 2)
        return .value(
            keyStart: keyStart, keyEnd: keyEnd, flags: UInt32(truncatingIfNeeded: flags),
            bytes: Int(length))
    }

    /// A line that could not be read: because it is not whole, or because it is wrong.
    private static func broken(_ bytes: Span<UInt8>, _ position: Int) -> Event {
        for place in position..<bytes.count where bytes[place] == UInt8(ascii: "\n") {
            return .malformed
        }
        return .incomplete
    }

    /// One to ten digits.
    @inline(__always)
    private static func number(
        _ bytes: Span<UInt8>, _ cursor: inout Int, _ value: inout UInt64
    ) -> Bool {
        let start = cursor
        while cursor < bytes.count {
            let digit = bytes[cursor] &- UInt8(ascii: "0")
            guard digit < 10, cursor &- start < 10 else { break }
            value = value &* 10 &+ UInt64(digit)
            cursor &+= 1
        }
        return cursor > start
    }
}
