/// What a connection of the floor server leaves from one wake-up to the next.
struct FloorConnection {
    /// What the next bytes of the input are.
    enum Stage: UInt8 {
        case command
        /// The keys of a get, up to the end of its line.
        case keys
        /// A value that is thrown away.
        case data
    }

    enum DataReply {
        case none, stored, meta
        case binary(opaque: UInt32)
    }

    var stage = Stage.command
    /// Of the value, with its line end, that are still to come. Of a binary set, all that is behind
    /// its header.
    var dataBytesLeft = 0
    var dataReply = DataReply.none
    /// Input that is not executed yet: the beginning of a line, or what came behind a reply that
    /// the socket did not take.
    var kept: [UInt8] = []
    /// Replies that the socket did not take.
    var pending: [UInt8] = []
    /// And behind them this part of the value's block.
    var pendingTail = 0..<0

    var isBlocked: Bool { !pending.isEmpty || !pendingTail.isEmpty }
}

/// The one value, as it stands in replies, shared by all workers and never changed.
///
///     " 0 32\r\n" value "\r\n"
///      └ lead ──┘ └ tail ───┘   of text
///                 └───┘         of a binary reply
@safe
struct FloorValue: @unchecked Sendable {
    let start: UnsafeMutablePointer<UInt8>
    let leadBytes: Int
    let valueBytes: Int

    /// Larger values are not copied into the replies; they are sent from where they lie.
    static let copiedBytesMax = 16 << 10

    /// It stays until the process ends.
    init(bytes: Int) {
        let lead = Array(" 0 \(bytes)\r\n".utf8)
        valueBytes = bytes
        leadBytes = lead.count
        let count = leadBytes + bytes + 2
        unsafe start = .allocate(capacity: count)
        unsafe start.initialize(repeating: UInt8(ascii: "x"), count: count)
        for (position, byte) in lead.enumerated() { unsafe start[position] = byte }
        unsafe start[leadBytes + bytes] = UInt8(ascii: "\r")
        unsafe start[leadBytes + bytes + 1] = UInt8(ascii: "\n")
    }

    var binaryTail: Range<Int> { leadBytes..<leadBytes + valueBytes }
    var textTail: Range<Int> { leadBytes..<leadBytes + valueBytes + 2 }

    var isCopied: Bool { valueBytes <= FloorValue.copiedBytesMax }
}
