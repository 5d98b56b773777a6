/// Which items a full cache evicts. Culling by ``EngineConfiguration/maximumEntries`` drops the
/// least recently used ones with either.
public enum EvictionPolicy: String, Sendable, CaseIterable {
    /// The least recently used.
    case lru
    /// S3-FIFO: those that were asked for once, before those that are asked for again and again.
    case s3fifo
}

/// How an engine is set up.
public struct EngineConfiguration: Sendable {
    /// Everything the cache may take, in bytes: items, index, and what the caller charges.
    /// At least 1 MiB.
    public var memoryLimitBytes: Int
    /// The largest item, in bytes as memcached counts them (`-I`): 1 KiB to 1 GiB.
    public var maximumItemBytes = 1 << 20
    /// False: a full cache refuses instead of evicting (`-M`).
    public var evicts = true
    /// Which items go when memory is short.
    public var eviction = EvictionPolicy.lru
    /// Culling as in Django: at this many items, 1/`cullFrequency` of them go.
    public var maximumEntries: Int?
    /// 0: everything goes.
    public var cullFrequency = 3
    /// Every command is answered, and nothing is ever stored (Django's dummy cache).
    public var storesNothing = false
    /// Counts items by size, for ``CacheEngine/sizeHistogram()``.
    public var tracksSizes = false
    /// A power of two from 1 to 1,024; nil: by memory limit and threads.
    public var shards: Int?
    /// How many threads will use the engine.
    public var threads = 1
    /// The key of the hash. Must be secret and random but in tests.
    public var hashSeed: (UInt64, UInt64)
    /// Address space to reserve, so that the limit can be raised later. Costs no memory.
    public var reservedBytes: Int

    public init(memoryLimitBytes: Int, hashSeed: (UInt64, UInt64)) {
        self.memoryLimitBytes = memoryLimitBytes
        self.hashSeed = hashSeed
        // Room for a limit that is raised, up to what 32 bits address in units of 16 bytes.
        let addressable = 60 << 30
        reservedBytes = max(
            memoryLimitBytes, min(max(memoryLimitBytes, 1 << 30), addressable / 4) * 4)
    }

    // -- what follows from it --

    static let smallestShardBytes = 8 << 20

    var resolvedShards: Int {
        if let shards { return shards }
        let byMemory = max(1, memoryLimitBytes / EngineConfiguration.smallestShardBytes)
        let byThreads = max(1, threads * 4)
        return floorPowerOfTwo(min(byMemory, byThreads, 1024))
    }

    /// So that even a small shard has a few hundred pages: its classes need one each.
    var pageBytes: Int {
        let share = memoryLimitBytes / resolvedShards / 256
        return min(max(floorPowerOfTwo(share), 16 << 10), 256 << 10)
    }

    /// Chunks are addressed by 32 bits in units of 16 bytes up to 64 GiB, of 32 bytes above, …
    var unitShift: Int {
        var shift = 4
        while reservedBytes >> shift >= Int(UInt32.max) - (1 << 20) { shift += 1 }
        return shift
    }

    private func floorPowerOfTwo(_ value: Int) -> Int {
        1 << (Int.bitWidth - 1 - max(1, value).leadingZeroBitCount)
    }

    func validate() throws(EngineError) {
        guard (1 << 20...1 << 43).contains(memoryLimitBytes) else {
            throw .invalidConfiguration("the memory limit must be 1 MiB to 8 TiB")
        }
        guard (1 << 10...1 << 30).contains(maximumItemBytes) else {
            throw .invalidConfiguration("the largest item must be 1 KiB to 1 GiB")
        }
        if let shards, !(1...1024).contains(shards) || shards & (shards - 1) != 0 {
            throw .invalidConfiguration("shards must be a power of two from 1 to 1024")
        }
        // Each has an index of its own, which must not be all that there is room for.
        if let shards, shards > 1, shards > memoryLimitBytes >> 20 {
            throw .invalidConfiguration(
                "\(shards) shards need a memory limit of at least \(shards) MiB; "
                    + "raise --memory-limit, or lower --shards")
        }
        if let maximumEntries, maximumEntries < 1 {
            throw .invalidConfiguration("the number of entries must be at least 1")
        }
        guard cullFrequency >= 0 else {
            throw .invalidConfiguration("the cull frequency must be at least 0")
        }
    }
}
