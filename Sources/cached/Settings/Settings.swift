import CacheEngine

/// Everything the daemon can be told at start, resolved: the command line has been laid over the
/// configuration file and that over the defaults, and every value has been checked.
///
/// Made by `Settings.parse`. The option that sets each field, its help text, its range and its
/// name in the configuration file stand in one place, the `OptionTable`.
struct Settings: Sendable, Equatable {
    // MARK: Network

    /// TCP addresses to listen on (`-l`). Only this machine can connect unless told otherwise.
    /// Empty when a unix socket is used, which turns TCP off as in memcached.
    var listeners: [ListenAddress]

    /// TCP port of every listener that names none (`-p`), 0 to 65535; 0 takes a free port.
    var port = 11211

    /// Path of the unix socket to listen on (`-s`), at most 107 bytes; nil for TCP.
    var unixSocketPath: String?

    /// Permissions of the unix socket (`-a`), 0 to 0o777.
    var unixSocketMode: UInt32 = 0o700

    /// File that receives the ports in use as `TCP INET: 11211` lines, one per listener
    /// (`--port-file`, or the environment's `MEMCACHED_PORT_FILENAME`).
    var portFilePath: String?

    /// Protocols that a connection may speak (`-B`).
    var bindingProtocol = BindingProtocol.auto

    /// Connections open at once (`-c`), at least 1.
    var maxConnections = 1024

    /// What happens at `maxConnections`: true answers a new connection with an error and closes
    /// it; false leaves it in the backlog until another one ends (`-o no_maxconns_fast`).
    var maxConnectionsFast = true

    /// Length of the queue of connections not yet accepted (`-b`); 0 means the kernel's least.
    var backlog = 1024

    /// Requests served on one connection before the others get their turn (`-R`), at least 1.
    var requestsPerEvent = 20

    /// Seconds after which a silent connection is closed (`-o idle_timeout`); 0 for never.
    var idleTimeoutSeconds = 0

    // MARK: Memory

    /// Bound on all memory that the cache uses (`-m`), in bytes, at least 1 MiB.
    var memoryLimitBytes: UInt64 = 64 << 20

    /// Answer with an error when memory is full, instead of evicting (`-M`).
    var evictionDisabled = false

    /// Which items go when memory is full (`--eviction`).
    var eviction = EvictionPolicy.lru

    /// Largest item (`-I`), in bytes, 1 KiB to 1 GiB and at most half of `memoryLimitBytes`.
    var maxItemSizeBytes = 1 << 20

    /// Lock all memory, so that none of it is swapped out (`-k`).
    var lockMemory = false

    // MARK: Culling, in Django's words

    /// Items at which a new key culls older ones (`--max-entries`), at least 1; nil for no limit.
    var maxEntries: Int?

    /// One in this many items goes when culling (`--cull-frequency`); 0 drops all of them.
    var cullFrequency = 3

    /// Seconds that an item stored with exptime 0 lives (`--default-ttl`); 0 for ever. Always
    /// relative, even above thirty days.
    var defaultTTLSeconds: UInt32 = 0

    /// Answer every command and store nothing (`--dummy`).
    var dummy = false

    // MARK: Security

    /// User to become after start (`-u`); only root can. nil leaves the user as it is.
    var userName: String?

    /// Users and passwords, one `user:password` a line (`-Y`); everybody has to log in. nil for no
    /// such file.
    var authFilePath: String?

    /// SASL, in the binary protocol (`-S`); the only way to log in unless there is `authFilePath`.
    var saslEnabled = false

    /// memcached's own user file for SASL (the environment's `MEMCACHED_SASL_PWDB`), if SASL is
    /// required and `-Y` names no file.
    var passwordDatabasePath: String?

    /// Seconds in which a connection has to log in (`--auth-timeout`); 0 for no such limit.
    var authTimeoutSeconds = 60

    /// Listen where other machines can connect, although nobody has to log in
    /// (`--allow-public-unauthenticated`).
    var publicUnauthenticatedAllowed = false

    /// The `shutdown` command stops the daemon (`-A`).
    var shutdownCommandEnabled = false

    /// Refuse `flush_all` (`-F`).
    var flushDisabled = false

    /// Refuse what lists keys: `stats cachedump`, `stats detail`, `lru_crawler metadump` (`-X`).
    var dumpDisabled = false

    /// Refuse `watch` (`-W`).
    var watchDisabled = false

    /// Encryption of TCP connections (`-Z`, `-o ssl_*`).
    var tls = TLSSettings()

    // MARK: Cluster

    /// The nodes that clients are told when they ask for those of the cluster (`--cluster-nodes`).
    var clusterNodes: [ClusterNode] = []

    /// Clients may change them (`--cluster-updates`).
    var clusterUpdatesAllowed = false

    // MARK: Operation

    /// Threads that serve connections (`-t`), 1 to 1024; the number of processors unless
    /// set.
    var workerThreads: Int

    /// How much is logged: 0 start and errors, 1 `-v`, 2 `-vv`, 3 `-vvv`.
    var verbosity = 0

    /// Go to the background after start (`-d`).
    var daemonize = false

    /// File that receives the process id (`-P`).
    var pidFilePath: String?

    /// Raise the limit on core dumps as far as allowed (`-r`).
    var maximizeCore = false

    /// Keep no CAS values: all read as 0 and a `cas` never matches (`-C`).
    var casDisabled = false

    /// Count gets, sets, hits and deletes per key prefix from the start (`-D`).
    var statsDetailEnabled = false

    /// The byte that ends a key's prefix for those counts (`-D`), printable ASCII.
    var prefixDelimiter = UInt8(ascii: ":")

    /// Keep the counts that `stats sizes` reports (`-o track_sizes`).
    var trackSizes = false

    /// Bytes of lines that wait for one connection that watches (`-o watcher_logbuf_size`, in KiB).
    var watcherBufferBytes = 256 << 10

    /// Shards of the cache (`--shards`), a power of two from 1 to 1024; nil lets the engine choose.
    var shards: Int?

    /// Key of the hash function (`--hash-seed`); nil draws a random one. For tests that must
    /// repeat: with a known seed a flood of colliding keys can be prepared.
    var hashSeed: UInt64?

    // MARK: Compatibility

    /// False after `-o no_lru_crawler`: dumps and crawls are refused until `lru_crawler enable`, and
    /// `stats` leaves out the crawler's counters, as memcached's does.
    var lruCrawlerEnabled = true

    /// False after `-o no_lru_maintainer`, with the same consequence for its counters.
    var lruMaintainerEnabled = true

    /// What runs without any option, on a machine with `coreCount` processors.
    static func defaults(coreCount: Int) -> Settings {
        let threads = min(max(coreCount, 1), SettingsLimits.workerThreadsMax)
        let address = ListenAddress(host: ListenAddress.loopbackHost, port: 11211)
        return Settings(listeners: [address], workerThreads: threads)
    }
}

/// Which protocols a connection may speak.
enum BindingProtocol: String, Sendable, CaseIterable {
    /// Chosen by the first byte of a connection.
    case auto
    /// The text protocol alone.
    case ascii
    /// The binary protocol alone.
    case binary

    /// What `stats settings` calls it.
    var statisticsName: String { self == .auto ? "auto-negotiate" : rawValue }
}
