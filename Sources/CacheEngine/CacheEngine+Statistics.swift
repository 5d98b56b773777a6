/// The engine's figures, summed over its shards. Each shard's are consistent in themselves.
public struct EngineStatistics: Sendable {
    public var items = 0
    /// Bytes of headers, keys and values.
    public var bytes = 0
    /// Bytes of pages, in use or partly so.
    public var pageBytes = 0
    public var indexBytes = 0
    /// Bytes that are charged against the limit.
    public var chargedBytes = 0
    public var buckets = 0
    public var stored: UInt64 = 0
    public var totalItems: UInt64 = 0
    public var deleted: UInt64 = 0
    public var evicted: UInt64 = 0
    public var evictedWithTTL: UInt64 = 0
    public var evictedUnfetched: UInt64 = 0
    public var expired: UInt64 = 0
    public var expiredUnfetched: UInt64 = 0
    public var flushed: UInt64 = 0
    public var culled: UInt64 = 0
    public var outOfMemory: UInt64 = 0
    public var movedPages: UInt64 = 0
    public var movedChunks: UInt64 = 0
    /// Items that a sweep or a scan looked at, and that a sweep removed.
    public var crawled: UInt64 = 0
    public var crawlReclaimed: UInt64 = 0
    /// Seconds since the last access of the least recently used item.
    public var oldestAgeSeconds: UInt64 = 0
    /// Only classes that have a page.
    public var classes: [ClassStatistics] = []
}

/// One size class over all shards.
public struct ClassStatistics: Sendable {
    /// From 1, as memcached numbers its slab classes.
    public let number: Int
    public let chunkBytes: Int
    public let chunksPerPage: Int
    public var pages = 0
    public var freeChunks = 0
    public var items = 0
    public var bytes = 0
    public var evicted: UInt64 = 0
    public var evictedWithTTL: UInt64 = 0
    public var evictedUnfetched: UInt64 = 0
    public var expiredUnfetched: UInt64 = 0
    public var outOfMemory: UInt64 = 0
    public var reclaimed: UInt64 = 0
    /// Items that a sweep looked at, and that it removed.
    public var crawled: UInt64 = 0
    public var crawlReclaimed: UInt64 = 0
    public var getHits: UInt64 = 0
    public var sets: UInt64 = 0
    public var touchHits: UInt64 = 0
    public var deleteHits: UInt64 = 0
    public var incrementHits: UInt64 = 0
    public var decrementHits: UInt64 = 0
    public var casHits: UInt64 = 0
    public var casMismatches: UInt64 = 0

    public var usedChunks: Int { pages * chunksPerPage - freeChunks }

    mutating func add(_ state: ClassState) {
        pages += state.pages
        freeChunks += state.freeChunks
        items += state.items
        bytes += state.bytes
        evicted += state.evicted
        evictedWithTTL += state.evictedWithTTL
        evictedUnfetched += state.evictedUnfetched
        expiredUnfetched += state.expiredUnfetched
        outOfMemory += state.outOfMemory
        reclaimed += state.reclaimed
        crawled += state.crawled
        crawlReclaimed += state.crawlReclaimed
        getHits += state.getHits
        sets += state.sets
        touchHits += state.touchHits
        deleteHits += state.deleteHits
        incrementHits += state.incrementHits
        decrementHits += state.decrementHits
        casHits += state.casHits
        casMismatches += state.casMismatches
    }
}

extension CacheEngine {
    public var pageBytes: Int { pool.pageBytes }
    public var largestChunkBytes: Int { pool.classes.largestChunkBytes }
    /// Size classes there are; they are numbered from 1.
    public var classCount: Int { pool.classes.count }

    /// - Complexity: O(shards × size classes).
    public func statistics(at now: Instant) -> EngineStatistics {
        var sum = EngineStatistics()
        var classes = (0..<pool.classes.count).map { position in
            let sizeClass = pool.classes.sizeClass(at: position)
            return ClassStatistics(
                number: position + 1, chunkBytes: pool.classes.chunkBytes(of: sizeClass),
                chunksPerPage: pool.classes.chunksPerPage(of: sizeClass))
        }
        for number in 0..<shards.count {
            shards.withShard(number) { shard in
                sum.add(shard, at: now)
                for position in classes.indices { classes[position].add(shard.classes[position]) }
            }
        }
        sum.pageBytes = pool.heldPages * pool.pageBytes
        sum.chargedBytes = pool.chargedBytes
        for entry in classes {
            sum.crawled += entry.crawled
            sum.crawlReclaimed += entry.crawlReclaimed
        }
        sum.classes = classes.filter { $0.pages > 0 }
        return sum
    }

    /// Items by memcached's size of them, in steps of 32 bytes; empty unless it is tracked.
    public func sizeHistogram() -> [(bytes: Int, items: Int)] {
        var sum: [Int: Int] = [:]
        for number in 0..<shards.count {
            shards.withShard(number) { sum.merge($0.itemsBySize, uniquingKeysWith: +) }
        }
        return sum.sorted { $0.key < $1.key }.map { (bytes: $0.key * 32, items: $0.value) }
    }

    /// Sets to 0 what `stats reset` resets.
    public func resetStatistics() {
        for number in 0..<shards.count {
            shards.withShard(number) { shard in shard.resetCounters() }
        }
    }
}

extension EngineStatistics {
    mutating func add(_ shard: borrowing Shard, at now: Instant) {
        let counters = shard.counters
        items += shard.liveItems
        bytes += counters.bytes
        indexBytes += shard.chargedIndexBytes
        buckets += shard.index.buckets
        stored += counters.stored
        totalItems += counters.totalItems
        deleted += counters.deleted
        evicted += counters.evicted
        evictedWithTTL += counters.evictedWithTTL
        evictedUnfetched += counters.evictedUnfetched
        expired += counters.expired
        expiredUnfetched += counters.expiredUnfetched
        flushed += counters.flushed
        culled += counters.culled
        outOfMemory += counters.outOfMemory
        movedPages += counters.movedPages
        movedChunks += counters.movedChunks
        crawled += counters.scanned
        let candidate = shard.evictionCandidate
        if !candidate.isNone {
            // Another worker's clock can be a little ahead of this one's.
            let ticks = Int32(bitPattern: now.tick &- shard.memory[candidate].accessTick)
            oldestAgeSeconds = max(oldestAgeSeconds, UInt64(max(0, ticks)) * 16 / 1000)
        }
    }
}

extension Shard {
    /// Begins to count anew. What is stored now counts as stored since, so that the counters
    /// still add up to the number of items.
    mutating func resetCounters() {
        let bytes = counters.bytes
        counters = ShardCounters()
        counters.bytes = bytes
        counters.stored = UInt64(liveItems)
        for position in 0..<classes.count { classes[position].resetCounters() }
    }
}

extension ClassState {
    mutating func resetCounters() {
        var fresh = ClassState()
        fresh.firstPartial = firstPartial
        fresh.pages = pages
        fresh.freeChunks = freeChunks
        fresh.items = items
        fresh.bytes = bytes
        self = fresh
    }
}
