/// The daemon's own limits; the protocol's are in `ProtocolLimits`, the options' in
/// `SettingsLimits`.
enum ServerLimits {
    /// A worker's buffer, into which it reads each ready connection once.
    static let readBufferBytes = 256 << 10
    /// The buffers for receiving ahead. Who sends more is read again into the larger one.
    static let aheadBufferBytes = 32 << 10
    /// An incomplete request of up to this size is copied to the front of the read buffer when
    /// more of it comes. A larger one keeps a buffer of its own, so that a slow sender does not
    /// have it copied over and over.
    static let copiedRequestBytes = 4 << 10
    /// Received at once from a connection that is not logged in. It holds this much at most, and
    /// a login that is incomplete.
    static let guestBytes = 2 << 10
    /// Logins that may wait for the authenticator; one more is refused.
    static let queuedLogins = 256
    /// Replies are sent when there are this many bytes of them, and not only at the end.
    static let replyBytesBeforeSend = 256 << 10
    /// A worker's buffer of replies: room for that, and for the reply that exceeds it.
    static let workerOutputBytes = replyBytesBeforeSend + (64 << 10)
    /// Keys that are hashed and prefetched together.
    static let batchKeys = 64
    /// Values of this size on are sent from where they lie, if they lie in parts.
    static let zeroCopyBytes = 16 << 10
    /// Parts handed to one sendmsg.
    static let sendVectors = 64
    /// Items that a cull drops before other connections get their turn.
    static let cullStepItems = 2048
    /// How long one connection is served before the others get their turn, in nanoseconds.
    /// Looked at every -R requests: giving way after so few would cost more than they do.
    static let turnNs: UInt64 = 100_000
    /// How long a stopping server waits for requests in flight, in milliseconds.
    static let drainMs: UInt64 = 5_000
    /// How long a TLS handshake may take, in milliseconds; looked at once a second.
    static let handshakeMs: UInt64 = 10_000
    /// About what OpenSSL holds for an idle session, as measured.
    static let tlsSessionBytes = 14 << 10
    /// What it holds beside that until the handshake is done.
    static let tlsHandshakeBytes = 16 << 10
    /// What it holds for a record that is not whole yet, or not out.
    static let tlsRecordBytes = 17 << 10
    /// How long the acceptor rests when the process has no descriptors left, in milliseconds.
    static let descriptorRestMs: Int32 = 50
    /// Connections accepted in a row before the acceptor looks at its other sockets.
    static let acceptsInARow = 64
    /// Slab classes have numbers below this one; there are under a hundred.
    static let slabClassNumbers: UInt32 = 200
    /// Connections that watch at the same time; as in memcached.
    static let watchers = 20
    /// The nodes of a cluster as a client sets them, in bytes.
    static let clusterBytes = 64 << 10
    /// Prefixes that `stats detail` counts at most; later ones are left out.
    static let detailPrefixes = 16_384
    /// A key prefix of `stats detail`, in bytes at most.
    static let detailPrefixBytes = 250
}
