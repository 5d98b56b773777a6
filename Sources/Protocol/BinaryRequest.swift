/// A binary request, parsed. Ranges are positions in the bytes that were parsed; what the header
/// tells besides (whether it is quiet, whether it wants the key) is in its ``BinaryTag``.
public enum BinaryRequest: Equatable, Sendable {
    /// get and gat with their variants; nil leaves the expiry.
    case retrieve(key: ByteRange, exptime: UInt32?)
    case touch(key: ByteRange, exptime: UInt32)
    /// The value's bytes follow.
    case store(BinaryStore)
    /// With the CAS value that must still be there; 0 for whatever is.
    case delete(key: ByteRange, cas: UInt64)
    case adjust(BinaryAdjustment)
    case flush(delay: UInt32)
    case stat(name: ByteRange)
    case verbosity(level: UInt32)
    case noop, version, quit
    case saslMechanisms
    /// SASL's first message, or with `isStep` a later one. Its `length` bytes follow.
    case login(mechanism: ByteRange, length: Int, isStep: Bool)
    /// An unknown command, with a body of `length` bytes.
    case unknown(length: Int)
}

/// set, add, replace, append, prepend.
public struct BinaryStore: Equatable, Sendable {
    /// Never `cas`, which here is any of them with a CAS value.
    public let command: StorageCommand
    public let key: ByteRange
    /// 0, as the exptime, for append and prepend, which have neither.
    public let flags: UInt32
    public let exptime: UInt32
    /// What must still be there; 0 for whatever is.
    public let cas: UInt64
    /// Bytes of the value, which follow the key.
    public let length: Int
}

/// incr, decr.
public struct BinaryAdjustment: Equatable, Sendable {
    public let isIncrement: Bool
    public let key: ByteRange
    public let delta: UInt64
    /// What a key gets that is not there.
    public let initial: UInt64
    /// Its expiry; nil: it is not made.
    public let exptime: UInt32?
    /// What must still be there; 0 for whatever is.
    public let cas: UInt64
}

/// What the parser makes of a header and what follows it.
public enum BinaryParseResult: Equatable, Sendable {
    /// At least so many bytes from the header on are wanted.
    case incomplete(needed: Int)
    /// Lengths that the command cannot have: answer ``BinaryStatus/invalidArguments`` and close.
    case malformed
    /// A request; it, or its value, ends or begins at `next`.
    case request(BinaryRequest, next: Int)
}
