import Synchronization

/// What all shards share besides the pages.
final class SharedState: Sendable {
    /// Counts accesses, so that culling knows the order over all shards.
    let accessStamp = Atomic<UInt64>(0)
    /// Live items of the whole cache; kept only when culling is configured.
    let entries = Atomic<Int>(0)
    /// A shard has evicted something that was not taken over by ``CacheEngine/takeEvictions(_:)``.
    let hasEvictions = Atomic<Bool>(false)
}

/// What never changes about an engine's shards.
struct ShardOptions: Sendable {
    var evicts = true
    var eviction = EvictionPolicy.lru
    /// Non-nil: culling at this many items.
    var maximumEntries: Int?
    var hasher: SipHash
    /// The shard's number takes this many bits of a CAS value; at most 10.
    var shardBits: Int
    /// Key, value and memcached's own header together: its `-I`.
    var maximumItemBytes: Int

    /// Items are counted by size.
    var tracksSizes: Bool

    /// Bits that every item's header carries.
    var commonBits: ItemBits { maximumEntries == nil ? [] : .stamped }
}

/// One part of the cache: index, eviction order, chunks and counters behind one lock (which is outside,
/// in `CacheEngine`: a method here runs with it held).
///
///     index ──► chunk ◄──► chunk ◄──► chunk      the order of eviction: newest … oldest
///                 │
///     pages of this shard, each cut into chunks of one size class
///
/// An aspect a file: chunks, compaction, eviction, items, lookup, storing, sweeping.
struct Shard: ~Copyable {
    let pool: PagePool
    let memory: ChunkMemory
    let shared: SharedState
    let options: ShardOptions
    let number: Int
    var index: BucketIndex

    // Chunks.
    var classes: FixedArray<ClassState>
    /// Classes with at least a page's worth of free chunks: one of their pages can be emptied.
    var surplus = ClassSet()
    var firstOwned = PageNumber.none
    /// Where the sweep goes on: a page, and a chunk of it.
    var sweepCursor = PageNumber.none
    var sweepPosition = 0
    var pageCount = 0
    var chargedIndexBytes = 0

    // The order of eviction: one of them is in use.
    var lru = LRU()
    var s3fifo: S3FIFO

    /// The number of the last change; CAS values are made of it.
    var sequence: UInt64 = 0
    /// What has a sequence up to this was flushed.
    var flushedSequence: UInt64 = 0
    /// Flushed items that are still in index and list.
    var flushedItems = 0
    /// While it is short of pages, it fails rather than evict, so that a richer shard gives one
    /// (`CacheEngine.retryingForMemory`).
    var asksOthers = false
    /// The class of the last chunk that there was no memory for.
    var failedClass: SizeClass?
    /// The item about to be linked is counted in `shared.entries` already.
    var hasReservedEntry = false
    /// Items by memcached's size of them, in steps of 32 bytes rounded up; if it is tracked.
    var itemsBySize: [Int: Int] = [:]
    var counters = ShardCounters()
    /// What was evicted; nil unless somebody wants to know.
    var evictionLog: EvictionLog?

    init(
        number: Int, pool: PagePool, shared: SharedState, options: ShardOptions
    ) throws(EngineError) {
        self.number = number
        self.pool = pool
        memory = pool.memory
        self.shared = shared
        self.options = options
        let units = pool.reservedBytes >> max(5, pool.memory.unitShift)
        index = try BucketIndex.make(maximumItems: units)
        s3fifo = S3FIFO(keepsAccessOrder: options.maximumEntries != nil)
        classes = FixedArray(count: pool.classes.count) { _ in ClassState() }
        chargeIndex()
    }

    /// Items that a client could still get, and expired ones that nobody has met yet.
    var liveItems: Int { index.count - flushedItems }

    /// Keeps the budget's view of the index's (and the ghosts') size up to date.
    mutating func chargeIndex() {
        let bytes = index.bytes + s3fifo.bytes
        if bytes != chargedIndexBytes {
            pool.chargeIndex(bytes - chargedIndexBytes)
            chargedIndexBytes = bytes
        }
    }

    mutating func nextSequence() -> UInt64 {
        if sequence == ItemLayout.sequenceMask { restartSequence() }
        sequence += 1
        return sequence
    }

    /// After 2^45 changes the numbers begin again: what was flushed can't be told by them any more,
    /// so nothing flushed may be left.
    private mutating func restartSequence() {
        dropFlushed()
        sequence = 0
        flushedSequence = 0
    }

    /// The CAS value that clients see: the sequence, told apart from the other shards'.
    @inline(__always)
    func cas(of item: Item) -> UInt64 {
        item.explicitCAS ?? derivedCAS(of: item)
    }

    @inline(__always)
    func derivedCAS(of item: Item) -> UInt64 {
        item.sequence << UInt64(options.shardBits) | UInt64(truncatingIfNeeded: number)
    }
}

/// What a shard counts; all of it since the start (or `stats reset`), in items unless said.
struct ShardCounters {
    /// Items that came to be: new keys only, not new values of a key that was there.
    var stored: UInt64 = 0
    var deleted: UInt64 = 0
    var evicted: UInt64 = 0
    /// Evicted although they had a TTL that was not over.
    var evictedWithTTL: UInt64 = 0
    /// Evicted and never read since they were stored.
    var evictedUnfetched: UInt64 = 0
    var expired: UInt64 = 0
    var expiredUnfetched: UInt64 = 0
    var flushed: UInt64 = 0
    var culled: UInt64 = 0
    /// Every value stored, also over an old one.
    var totalItems: UInt64 = 0
    var outOfMemory: UInt64 = 0
    var movedChunks: UInt64 = 0
    var movedPages: UInt64 = 0
    /// Looked at by a scan.
    var scanned: UInt64 = 0
    /// Bytes of live chunks' contents: headers, keys and values.
    var bytes: Int = 0
}

/// What a shard knows of one size class.
struct ClassState {
    var firstPartial = PageNumber.none
    var pages = 0
    /// Chunks on this class's pages that hold nothing.
    var freeChunks = 0
    var items = 0
    var evicted: UInt64 = 0
    var evictedWithTTL: UInt64 = 0
    var evictedUnfetched: UInt64 = 0
    var expiredUnfetched: UInt64 = 0
    var outOfMemory: UInt64 = 0
    var reclaimed: UInt64 = 0
    /// Items that a sweep looked at, and that it removed.
    var crawled: UInt64 = 0
    var crawlReclaimed: UInt64 = 0
    var getHits: UInt64 = 0
    var sets: UInt64 = 0
    var touchHits: UInt64 = 0
    var deleteHits: UInt64 = 0
    var incrementHits: UInt64 = 0
    var decrementHits: UInt64 = 0
    var casHits: UInt64 = 0
    var casMismatches: UInt64 = 0
    /// Bytes of contents in this class's chunks.
    var bytes = 0
}

/// A set of size classes: four words, for up to 256.
struct ClassSet {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    var isEmpty: Bool { words.0 | words.1 | words.2 | words.3 == 0 }

    mutating func set(_ sizeClass: SizeClass, _ isMember: Bool) {
        let bit: UInt64 = 1 << UInt64(sizeClass.rawValue & 63)
        func apply(_ word: inout UInt64) { word = isMember ? word | bit : word & ~bit }
        switch sizeClass.rawValue >> 6 {
        case 0: apply(&words.0)
        case 1: apply(&words.1)
        case 2: apply(&words.2)
        default: apply(&words.3)
        }
    }

    func forEach(_ body: (SizeClass) -> Bool) {
        func visit(_ word: UInt64, _ base: UInt8) -> Bool {
            var rest = word
            while rest != 0 {
                let bit = UInt8(rest.trailingZeroBitCount)
                if !body(SizeClass(rawValue: base + bit)) { return false }
                rest &= rest &- 1
            }
            return true
        }
        _ =
            visit(words.0, 0) && visit(words.1, 64) && visit(words.2, 128)
            && visit(words.3, 192)
    }
}
