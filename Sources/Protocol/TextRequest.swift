/// A part of the bytes that were parsed.
public struct ByteRange: Equatable, Sendable {
    public var start: Int
    public var end: Int

    @inlinable
    public init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }

    public var count: Int { end - start }
}

/// How a value is stored, by the command's name.
public enum StorageCommand: Equatable, Sendable {
    case set, add, replace, append, prepend
    /// With the CAS value that must still be there.
    case cas(UInt64)
}

/// A request, parsed. Ranges are positions in the bytes that were parsed.
public enum TextRequest: Sendable {
    /// `get`, `gets`: keys are separated by spaces; none is longer than 250 bytes.
    case get(keys: ByteRange, withCAS: Bool)
    /// `gat`, `gats`.
    case getAndTouch(keys: ByteRange, exptime: Int32, withCAS: Bool)
    /// The value's `length` bytes and their line ending follow the command line.
    case store(
        StorageCommand, key: ByteRange, flags: UInt32, exptime: Int32, length: Int, noReply: Bool)
    /// A meta command; ``MetaParser`` reads the rest of its line.
    case meta(MetaCommand, rest: ByteRange)
    case delete(key: ByteRange, noReply: Bool)
    case touch(key: ByteRange, exptime: Int32, noReply: Bool)
    case increment(key: ByteRange, delta: UInt64, noReply: Bool)
    case decrement(key: ByteRange, delta: UInt64, noReply: Bool)
    /// A delay of 0 or less is at once.
    case flushAll(delay: Int32, noReply: Bool)
    /// `flush_all` with a delay that isn't a number: counted all the same.
    case flushAllMalformed(noReply: Bool)
    case version
    case verbosity(level: UInt32, noReply: Bool)
    /// `stats` and what follows it.
    case stats(arguments: ByteRange)
    case cacheMemlimit(megabytes: UInt32, noReply: Bool)
    /// `refresh_certs`: read the certificates of TLS anew.
    case refreshCertificates(noReply: Bool)
    case shutdown(ShutdownMode, noReply: Bool)
    case operation(OperatorRequest, noReply: Bool)
    /// `config set cluster`: `length` bytes and their line ending follow the command line.
    case setCluster(length: Int, noReply: Bool)
    case quit
    /// Close without an answer (a browser, say).
    case hangUp
    /// Answer this line, unless nothing is to be answered.
    case error(StaticString, noReply: Bool)
    /// The same, after the announced value of `length` bytes was taken off the stream.
    case storeError(StaticString, length: Int, noReply: Bool)
}

public enum ShutdownMode: Equatable, Sendable {
    case immediate, graceful, unknown
}

/// What the parser found at the front of the bytes.
public enum ParseResult: Sendable {
    /// The line is not complete yet.
    case incomplete
    /// It will not be: the connection must be closed.
    case lineTooLong
    /// A `get` or `gets` that is too long to wait for its end. Its keys begin at `keys`.
    case endlessRetrieval(keys: Int, withCAS: Bool)
    /// A request; its line ends before `next`.
    case request(TextRequest, next: Int)
}
