import CSystem
import Synchronization

/// The cache: keys, values, TTL, LRU, culling and counters, in shards. Safe to use from any
/// number of threads. It knows no protocol and no socket.
///
///     key ─hash─► shard (lock) ─► index ─► item        one lock per command
///
/// Lock order: `cullLock`, `flushLock`, then one shard's lock, then the pool's. Never two shards.
public final class CacheEngine: Sendable {
    let configuration: EngineConfiguration
    let pool: PagePool
    let hasher: SipHash
    let shards: ShardTable
    let shared = SharedState()
    let cullLock = Lock()
    let cullJob = CullJob()
    let flushLock = Lock()
    /// When a delayed flush is due, in milliseconds on the engine's clock; 0: none is.
    let flushAt = Atomic<UInt64>(0)

    /// - Throws: `EngineError` for a configuration out of range, or if there is no address space.
    public init(_ configuration: EngineConfiguration) throws(EngineError) {
        try configuration.validate()
        self.configuration = configuration
        hasher = SipHash(k0: configuration.hashSeed.0, k1: configuration.hashSeed.1)
        let pool = try PagePool(
            limitBytes: configuration.memoryLimitBytes,
            reservedBytes: configuration.reservedBytes, pageBytes: configuration.pageBytes,
            unitShift: configuration.unitShift)
        self.pool = pool
        let count = configuration.resolvedShards
        let options = ShardOptions(
            evicts: configuration.evicts, eviction: configuration.eviction,
            maximumEntries: configuration.maximumEntries,
            hasher: hasher, shardBits: count.trailingZeroBitCount,
            maximumItemBytes: configuration.maximumItemBytes,
            tracksSizes: configuration.tracksSizes)
        shards = try ShardTable(count: count, pool: pool, shared: shared, options: options)
    }

    public func hash(_ key: Span<UInt8>) -> KeyHash { hasher.hash(key) }

    public var shardCount: Int { shards.count }

    @inline(__always)
    func shardNumber(of hash: KeyHash) -> Int {
        // The top bits; the shift is 64 for a single shard, and then gives 0.
        Int(truncatingIfNeeded: hash.rawValue >> UInt64(shards.hashShift))
    }

    /// memcached's size of an item: what its `-I` limits.
    public static func itemBytes(keyLength: Int, valueLength: Int, flags: UInt32) -> Int {
        // Header 48, CAS 8, the key's NUL, flags if any, the value's line ending.
        48 + 8 + keyLength + 1 + (flags == 0 ? 0 : 4) + valueLength + 2
    }

    static func fits(_ shape: ItemShape, maximumItemBytes: Int) -> Bool {
        shape.valueLength <= Int(ItemLayout.lengthMask)
            && itemBytes(
                keyLength: shape.keyLength, valueLength: shape.valueLength, flags: shape.flags)
                <= maximumItemBytes
    }

    // -- batches --

    /// Begins to bring the buckets of a batch of keys into the processor's cache.
    public func prefetchBucket(_ hash: KeyHash) {
        shards.prefetcher(of: shardNumber(of: hash)).prefetchBucket(hash)
    }

    /// The second step, when the buckets have had time to arrive.
    public func prefetchItem(_ hash: KeyHash) {
        shards.prefetcher(of: shardNumber(of: hash)).prefetchItem(hash, memory: pool.memory)
    }

    /// The third step: what a hit writes to when it moves its item to the front of the list.
    public func prefetchNeighbours(_ hash: KeyHash) {
        guard configuration.eviction == .lru else { return }
        shards.prefetcher(of: shardNumber(of: hash)).prefetchNeighbours(hash, memory: pool.memory)
    }

    // -- single keys --

    /// Looks a key up and, on a hit, shows the item to `body` while the shard is locked.
    /// - Parameter touch: gives the item this expiry on a hit.
    /// - Complexity: O(1); about three cache misses on a hit, one on a miss.
    public func retrieve(
        _ key: Span<UInt8>, _ hash: KeyHash, touch: Expiry? = nil, at now: Instant,
        _ body: (borrowing ItemView) -> Void
    ) -> RetrieveResult {
        shards.withShard(shardNumber(of: hash)) { shard in
            let found = shard.find(key, hash, at: now)
            guard case .hit(let chunk, _) = found else { return found.result }
            shard.hit(chunk, touch: touch, at: now)
            body(shard.view(of: chunk))
            return .hit
        }
    }

    /// Stores a value that is there in one piece.
    /// - Parameter mayExceed: true for the retry after a cull that had nothing to drop.
    public func store(
        _ options: StoreOptions, key: Span<UInt8>, _ hash: KeyHash, value: Span<UInt8>,
        mayExceed: Bool = false, at now: Instant
    ) -> StoreResult {
        guard value.count <= Int(ItemLayout.lengthMask),
            CacheEngine.itemBytes(
                keyLength: key.count, valueLength: value.count, flags: options.flags)
                <= configuration.maximumItemBytes
        else {
            rejectTooLarge(options.mode, key, hash, at: now)
            return .tooLarge
        }
        if configuration.storesNothing { return CacheEngine.pretend(options, value.count) }
        return retryingForMemory(hash, failure: .outOfMemory, at: now) { shard in
            shard.store(
                options, key: key, hash: hash, value: value, mayExceed: mayExceed, at: now)
        }
    }

    /// The answer of a cache in which no key is ever there.
    static func pretend(_ options: StoreOptions, _ length: Int) -> StoreResult {
        switch options.mode {
        case .set, .add: .stored(cas: 0, length: length)
        case .append where options.vivifies, .prepend where options.vivifies:
            .stored(cas: 0, length: length)
        case .replace, .append, .prepend: .notStored
        case .cas: .notFound
        }
    }

    /// A `set` that is too large removes the old value: a stale one would be worse than none.
    public func rejectTooLarge(
        _ mode: StoreMode, _ key: Span<UInt8>, _ hash: KeyHash, at now: Instant
    ) {
        guard mode == .set else { return }
        shards.withShard(shardNumber(of: hash)) { shard in
            _ = shard.forget(key, hash, because: .deleted, at: now)
        }
    }

    /// Removes a key; false if it is not there.
    public func delete(_ key: Span<UInt8>, _ hash: KeyHash, at now: Instant) -> Bool {
        shards.withShard(shardNumber(of: hash)) { shard in
            shard.delete(key, hash, at: now)
        }
    }

    /// Gives a key a new expiry, and shows the item to `body`; false if it is not there.
    public func touch(
        _ key: Span<UInt8>, _ hash: KeyHash, _ expiry: Expiry, at now: Instant,
        _ body: (borrowing ItemView) -> Void = { _ in }
    ) -> Bool {
        shards.withShard(shardNumber(of: hash)) { shard in
            guard let chunk = shard.touch(key, hash, expiry, at: now) else { return false }
            body(shard.view(of: chunk))
            return true
        }
    }

    /// incr and decr: atomic, in place where the digits fit.
    /// - Parameter mayExceed: true for the retry after a cull that had nothing to drop.
    public func adjust(
        _ key: Span<UInt8>, _ hash: KeyHash, _ direction: CounterDirection, by delta: UInt64,
        _ options: CounterOptions = CounterOptions(), mayExceed: Bool = false, at now: Instant
    ) -> CounterResult {
        if configuration.storesNothing { return CacheEngine.pretend(options) }
        return retryingForMemory(hash, failure: .outOfMemory, at: now) { shard in
            shard.adjust(
                key, hash, direction, by: delta, options, mayExceed: mayExceed, at: now)
        }
    }

    private static func pretend(_ options: CounterOptions) -> CounterResult {
        guard let initial = options.initial else { return .notFound }
        return .value(
            CounterValue(value: initial.value, cas: 0, oldExpiry: .never, isNew: true))
    }

    // -- the whole cache --

    /// Makes everything that is stored now dead.
    /// - Complexity: O(shards); the memory comes back with ``maintain(_:at:)``.
    public func flush() {
        flushLock.withLock {
            flushAt.store(0, ordering: .relaxed)
            flushShards()
        }
    }

    /// A flush that leaves one that is planned alone.
    func flushShards() {
        for number in 0..<shards.count { shards.withShard(number) { $0.flush() } }
    }

    /// Plans a flush; it replaces one that was planned before. What is stored until then dies.
    public func flush(at moment: Instant) {
        flushLock.withLock { flushAt.store(moment.milliseconds, ordering: .relaxed) }
    }

    /// To be called whenever the caller's clock moved, before it uses the new time.
    @inline(__always)
    public func advance(to now: Instant) {
        let due = flushAt.load(ordering: .relaxed)
        if due != 0 && due <= now.milliseconds { flushIfDue(at: now) }
    }

    private func flushIfDue(at now: Instant) {
        flushLock.withLock {
            let due = flushAt.load(ordering: .relaxed)
            guard due != 0, due <= now.milliseconds else { return }
            flushShards()
            flushAt.store(0, ordering: .relaxed)
        }
    }

    // -- memory --

    /// Charges bytes of the caller's own (connection buffers) to the limit, up to a quarter of it;
    /// negative gives back.
    public func charge(bytes: Int) { pool.chargeBuffers(bytes) }

    public var memoryLimitBytes: Int { pool.limitBytes }

    /// True while a limit that was lowered is not reached yet.
    public var isOverMemoryLimit: Bool { pool.isOverLimit }

    /// Changes the limit while running. A lower one is reached step by step in ``maintain(_:at:)``.
    /// - Returns: false if it is under 1 MiB or over the address space reserved at the start.
    public func setMemoryLimit(bytes: Int) -> Bool {
        guard bytes >= 1 << 20, bytes <= pool.reservedBytes else { return false }
        pool.setLimit(bytes)
        return true
    }

    /// Runs a command that may need more memory than its shard should find alone: then a page of
    /// the richest shard is moved over, with no lock held in between.
    /// - Parameter failure: the result that stands for "out of memory".
    func retryingForMemory<Result: Equatable>(
        _ hash: KeyHash, failure: Result, at now: Instant, _ body: (inout Shard) -> Result
    ) -> Result {
        let number = shardNumber(of: hash)
        let mayAsk = shards.count > 1 && configuration.evicts
        // At first a shard that has less than its share asks the richer ones; if there are none,
        // it evicts what it has; and if that is not enough, any other shard gives.
        var asksRicher = mayAsk
        for _ in 0..<CacheEngine.maximumDonations {
            let result = shards.withShard(number) { shard in
                shard.asksOthers = asksRicher
                defer { shard.asksOthers = false }
                return body(&shard)
            }
            if result != failure || !mayAsk { return noting(result, failure, number) }
            let donation = donatePage(to: number, onlyIfRicher: asksRicher, at: now)
            if case .nothing = donation {
                if !asksRicher { return noting(result, failure, number) }
                asksRicher = false
            }
        }
        return noting(failure, failure, number)
    }

    private func noting<Result: Equatable>(
        _ result: Result, _ failure: Result, _ number: Int
    ) -> Result {
        if result == failure { shards.withShard(number) { $0.countOutOfMemory() } }
        return result
    }

    /// How often one command may ask other shards for memory.
    static let maximumDonations = 16_384

    /// Works on freeing a page of the shard that has the most, beside the receiver.
    func donatePage(
        to receiver: Int?, onlyIfRicher: Bool = false, at now: Instant
    ) -> Shard.Donation {
        var richest: Int?
        var most = 0
        if onlyIfRicher, let receiver {
            // Otherwise two poor shards would take from each other for ever.
            most = shards.withShard(receiver) { $0.pageCount } + 1
        }
        for number in 0..<shards.count where number != receiver {
            let pages = shards.withShard(number) { $0.pageCount }
            if pages > most {
                most = pages
                richest = number
            }
        }
        guard let richest else { return .nothing }
        return shards.withShard(richest) { shard in shard.donatePage(at: now) }
    }
}
