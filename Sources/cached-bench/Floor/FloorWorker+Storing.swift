import Glibc

/// Sets, the meta commands and statistics of the floor server.
extension FloorWorker {
    static let dataBytesMax = 1 << 30

    /// `set KEY FLAGS EXPTIME BYTES [noreply]`, from the key on.
    func beginSet(
        _ connection: inout FloorConnection, _ words: inout FloorWords, next: Int
    ) -> Step {
        guard words.next(), words.next(), words.next(),
            let bytes = words.nextNumber(), bytes <= FloorWorker.dataBytesMax
        else { return .close }
        connection.stage = .data
        connection.dataBytesLeft = bytes + 2
        connection.dataReply = words.next() ? .none : .stored
        return .next(next)
    }

    /// `ms KEY BYTES FLAG…`
    func beginMetaSet(
        _ connection: inout FloorConnection, _ words: inout FloorWords, next: Int
    ) -> Step {
        guard words.next(), let bytes = words.nextNumber(), bytes <= FloorWorker.dataBytesMax
        else { return .close }
        connection.stage = .data
        connection.dataBytesLeft = bytes + 2
        connection.dataReply = .meta
        while words.next() {
            if words.firstByte == UInt8(ascii: "q") { connection.dataReply = .none }
        }
        return .next(next)
    }

    mutating func skipData(
        _ connection: inout FloorConnection, _ position: Int, _ end: Int
    ) -> Int {
        let count = min(connection.dataBytesLeft, end - position)
        connection.dataBytesLeft -= count
        if connection.dataBytesLeft == 0 {
            connection.stage = .command
            switch connection.dataReply {
            case .none: break
            case .stored: append("STORED\r\n")
            case .meta: append("HD\r\n")
            case .binary(let opaque):
                appendBinaryHeader(BinaryWire.Opcode.set, opaque: opaque)
            }
        }
        return position + count
    }

    /// `mg KEY FLAG…`: the value if `v` is asked for, and what is to be echoed.
    mutating func answerMetaGet(
        _ descriptor: Int32, _ connection: inout FloorConnection,
        _ words: inout FloorWords, from start: Int, next: Int
    ) -> Step {
        guard words.next() else { return .close }
        let key = unsafe (start: words.wordStart, count: words.wordCount)
        guard unsafe key.count <= FloorWorker.keyBytesMax else { return .close }
        let withFlags = words
        var hasValue = false
        var echoesKey = false
        while words.next() {
            if words.firstByte == UInt8(ascii: "v") { hasValue = true }
            if words.firstByte == UInt8(ascii: "k") { echoesKey = true }
        }
        if hasValue {
            let room = FloorWorker.replyBytesMax + (value.isCopied ? value.valueBytes : 0)
            guard hasRoom(descriptor, &connection, room) else {
                return connection.isBlocked ? .wait(start) : .close
            }
            append("VA")
            // " 0 32\r\n" without the flags and the line end.
            unsafe append(value.start + 2, value.leadBytes - 4)
        } else {
            append("HD")
        }
        words = withFlags
        while words.next() {
            guard words.firstByte == UInt8(ascii: "O") else { continue }
            append(" ")
            unsafe append(words.wordStart, words.wordCount)
        }
        // Once, however often it is asked for: the room is for one.
        if echoesKey {
            append(" k")
            unsafe append(key.start, key.count)
        }
        append("\r\n")
        if hasValue, !appendValue(descriptor, &connection, value.textTail) {
            return connection.isBlocked ? .wait(next) : .close
        }
        return .next(next)
    }

    mutating func appendStatistics() {
        appendText("STAT pid \(getpid())\r\nSTAT version 0 (floor)\r\nSTAT pointer_size 64\r\n")
        append("STAT curr_items 0\r\nSTAT bytes 0\r\nSTAT evictions 0\r\nEND\r\n")
    }
}

/// The words of one line, which lies in the input while this is used.
@safe
struct FloorWords {
    private let bytes: UnsafeMutablePointer<UInt8>
    private var position: Int
    private let end: Int
    private var start = 0
    private var count = 0

    /// From `start` to the line feed at `end`.
    init(_ bytes: UnsafeMutablePointer<UInt8>, _ start: Int, _ end: Int) {
        unsafe self.bytes = unsafe bytes
        position = start
        self.end = end
    }

    var wordStart: UnsafePointer<UInt8> { unsafe UnsafePointer(bytes + start) }
    var wordCount: Int { count }
    /// Of the word that `next` found.
    var firstByte: UInt8 { unsafe bytes[start] }

    /// Finds the next word; false at the end of the line.
    mutating func next() -> Bool {
        while position < end, unsafe bytes[position] <= UInt8(ascii: " ") { position += 1 }
        start = position
        while position < end, unsafe bytes[position] > UInt8(ascii: " ") { position += 1 }
        count = position - start
        return count > 0
    }

    /// The next word as a number of at most ten digits.
    mutating func nextNumber() -> Int? {
        guard next(), count <= 10 else { return nil }
        var number = 0
        for offset in 0..<count {
            let digit = unsafe Int(bytes[start + offset]) - 48
            guard (0...9).contains(digit) else { return nil }
            number = number * 10 + digit
        }
        return number
    }
}

/// How commands begin, as a little-endian machine reads four bytes or three: literals, so that a
/// comparison is one instruction.
enum Opening {
    static let get: UInt32 = 0x20746567
    static let set: UInt32 = 0x20746573
    static let version: UInt32 = 0x73726576
    static let flush: UInt32 = 0x73756C66
    static let stats: UInt32 = 0x74617473
    static let metaGet: UInt32 = 0x20676D
    static let metaSet: UInt32 = 0x20736D
    static let metaNoOp: UInt32 = 0x0D6E6D
}
