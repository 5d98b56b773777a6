/// The outermost values an option may take. Each of them bounds something that the daemon
/// allocates, or keeps later arithmetic from overflowing.
enum SettingsLimits {
    /// What memcached's `int` settings can hold. Wide enough to never be in the way.
    static let int32Max = 2_147_483_647

    static let memoryLimitBytesMin: UInt64 = 1 << 20
    /// 2,147,483,647 MiB, memcached's own bound.
    static let memoryLimitBytesMax: UInt64 = UInt64(int32Max) << 20
    static let itemSizeBytesMin: UInt64 = 1 << 10
    static let itemSizeBytesMax: UInt64 = 1 << 30

    static let portMax = 65535
    static let listenersMax = 64
    /// A host name of the DNS has at most 253 characters; a zone may follow an IPv6 address.
    static let hostBytesMax = 255
    /// `sun_path` has 108 bytes, one of which ends the string.
    static let unixSocketPathBytesMax = 107
    /// `PATH_MAX` without the byte that ends the string.
    static let pathBytesMax = 4095
    static let userNameBytesMax = 255

    static let clusterNodesMax = 256
    /// Up to 20 watchers may have as much.
    static let watcherBufferKiBMax = 1 << 20

    static let workerThreadsMax = 1024
    static let shardsMax = 1024
    /// Items have 32-bit indices, so no cache can hold more of them.
    static let maxEntriesMax = 4_294_967_295
    static let verbosityMax = 3

    static let tlsWriteBufferBytesMin: UInt64 = 1 << 10
    static let tlsWriteBufferBytesMax: UInt64 = 16 << 20
    /// A file of certificates or a key; a bundle of all public authorities has a quarter of it.
    static let tlsFileBytesMax = 1 << 20
    /// Sessions kept for resuming, of about 1 KB each if clients have no certificates.
    static let tlsCachedSessions = 1024

    static let configFileBytesMax = 1 << 20
    /// How much of a bad value an error message repeats.
    static let quotedValueBytesMax = 80
}
