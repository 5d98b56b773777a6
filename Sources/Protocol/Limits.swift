/// The limits of memcached's text protocol.
public enum ProtocolLimits {
    /// Bytes of a key.
    public static let maximumKeyBytes = 250
    /// Bytes of a command line that has no end yet; beyond, the connection is closed.
    public static let maximumLineBytes = 2048
    /// The same for `get` and `gets`, whose keys memcached does not count. This much is buffered
    /// for one connection at most.
    public static let maximumRetrievalLineBytes = 32 << 20
    /// Bytes of a value that a command line may announce.
    public static let maximumValueLength = Int(Int32.max) - 2
    /// Tokens of a line that are looked at; what follows is ignored.
    public static let maximumTokens = 24
}
