/// The bounds of what a run may be asked for.
enum LoadLimits {
    static let threadsMax = 256
    static let connectionsMax = 60_000
    static let depthMax = 65_536
    static let keysPerGetMax = 10_000
    /// Keys under way over all connections: their places take 8 bytes each, twice.
    static let keysUnderWayMax = 1 << 26
    static let keySpaceMax = 1 << 32
    static let valueBytesMax = 1 << 28
    /// Above that a server takes it for a date.
    static let ttlSecondsMax = 2_592_000
    /// The protocol's.
    static let keyBytesMax = 250
    static let ratioMax = 1_000_000
    static let secondsMax = 1_000_000.0
    static let requestsPerSecondMax = 100_000_000.0
    /// A server that sends nothing for so long, while it owes answers, is not waited for.
    static let silenceSecondsMax = 10
    /// Requests are sent when so many bytes of them are ready.
    static let sendBytes = 256 << 10
}
