/// The limits of memcached's protocols.
public enum ProtocolLimits {
    /// Bytes of a key.
    public static let maximumKeyBytes = 250
    /// Bytes of a command line that has no end yet; beyond, the connection is closed.
    public static let maximumLineBytes = 2048
    /// A `get` or `gets`, whose keys nobody counts, is executed as it comes when its line has this
    /// many bytes and no end yet.
    public static let wholeRetrievalLineBytes = 16 << 10
    /// Bytes of a value that a command line may announce.
    public static let maximumValueLength = Int(Int32.max) - 2
    /// Bytes of a binary request behind its header.
    public static let maximumBodyBytes = 1 << 30
    /// Tokens of a line that are looked at; what follows is ignored.
    public static let maximumTokens = 24
}
