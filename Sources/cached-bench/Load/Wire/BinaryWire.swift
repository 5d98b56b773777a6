/// The binary protocol's framing, as far as a get and a set need it. Numbers have their highest
/// byte first.
///
/// ```text
///   0      1       2         4       5     6         8          12      16    24
///  ┌──────┬───────┬─────────┬───────┬─────┬─────────┬──────────┬───────┬─────┬─────── ─ ─
///  │magic │opcode │ bytes   │ bytes │  0  │ reply:  │ bytes of │opaque │ CAS │ extras, key,
///  │      │       │ of key  │ extras│     │ status  │ the rest │       │     │ value
///  └──────┴───────┴─────────┴───────┴─────┴─────────┴──────────┴───────┴─────┴─────── ─ ─
/// ```
enum BinaryWire {
    static let headerBytes = 24
    static let requestMagic: UInt8 = 0x80
    static let replyMagic: UInt8 = 0x81
    /// The client flags, before a value that was found.
    static let valueExtraBytes = 4
    /// Client flags and the seconds until it expires, before a value that is to be set.
    static let setExtraBytes = 8
    /// The text of an error is shorter.
    static let errorBytesMax = 2048

    enum Opcode {
        static let get: UInt8 = 0x00
        static let set: UInt8 = 0x01
        /// Silent when it misses.
        static let quietGet: UInt8 = 0x09
        static let noOperation: UInt8 = 0x0a
        /// Answered with the key, too.
        static let keyGet: UInt8 = 0x0c
        static let quietKeyGet: UInt8 = 0x0d
        /// Silent when it is stored.
        static let quietSet: UInt8 = 0x11
    }

    enum Status {
        static let none: UInt16 = 0
        static let notFound: UInt16 = 1
        static let exists: UInt16 = 2
        static let notStored: UInt16 = 5
    }
}

/// What a binary reply says of the request that it answers.
struct BinaryReply {
    var opcode: UInt8 = 0
    var status = BinaryWire.Status.none
    /// What the request carried.
    var opaque: UInt32 = 0
}
