/// The order in which items go: what a shard asks of its eviction policy, which is in a file of
/// its own (`LRU`, `S3FIFO`).
extension Shard {
    /// Takes in an item that is linked now.
    mutating func enlist(_ chunk: ChunkIndex, _ hash: KeyHash, at now: Instant) {
        stampAccess(chunk, at: now)
        switch options.eviction {
        case .lru: lru.add(chunk, items: index.count, at: now, memory)
        case .s3fifo: s3fifo.add(chunk, hash, memory)
        }
    }

    /// Takes out an item that is to be unlinked.
    mutating func delist(_ chunk: ChunkIndex) {
        switch options.eviction {
        case .lru: lru.remove(chunk, memory)
        case .s3fifo: s3fifo.remove(chunk, memory)
        }
    }

    /// Notes a hit.
    @inline(__always)
    mutating func noteAccess(_ chunk: ChunkIndex, at now: Instant) {
        let isStamped = options.maximumEntries != nil
        switch options.eviction {
        case .lru:
            if !isStamped, lru.isRecent(chunk, items: index.count, memory) {
                lru.noteTime(of: chunk, at: now, memory)
                return
            }
            makeNewest(chunk, at: now)
        case .s3fifo:
            // Written only when it changes: a cache line that stays clean is cheaper.
            if isStamped || memory[chunk].accessTick != now.tick { stampAccess(chunk, at: now) }
            s3fifo.noteAccess(chunk, memory)
        }
    }

    /// Makes an item one of the last to go, because room is about to be made for what replaces it;
    /// until `endProtection`.
    mutating func protect(_ chunk: ChunkIndex, at now: Instant) {
        switch options.eviction {
        case .lru: makeNewest(chunk, at: now)
        case .s3fifo:
            stampAccess(chunk, at: now)
            s3fifo.protect(chunk, memory)
        }
    }

    mutating func endProtection() {
        if options.eviction == .s3fifo { s3fifo.endProtection() }
    }

    /// A new value will be linked in place of an old one: to the policy, that is an access.
    func keepPlace(of old: ChunkIndex, for fresh: ChunkIndex) {
        guard options.eviction == .s3fifo else { return }
        var place = memory[old].bits.place
        place.hits += 1
        memory[fresh].bits.formUnion(place)
    }

    private mutating func makeNewest(_ chunk: ChunkIndex, at now: Instant) {
        lru.remove(chunk, memory)
        stampAccess(chunk, at: now)
        lru.add(chunk, items: index.count, at: now, memory)
    }

    /// A linked item was copied from `old` to `chunk`.
    mutating func listedItemMoved(from old: ChunkIndex, to chunk: ChunkIndex) {
        switch options.eviction {
        case .lru: lru.moved(to: chunk, memory)
        case .s3fifo: s3fifo.moved(from: old, to: chunk, memory)
        }
    }

    /// Evicts one item; false if there is none, or none but `kept`.
    mutating func evictOne(keeping kept: ChunkIndex = .none, at now: Instant) -> Bool {
        let victim: ChunkIndex
        switch options.eviction {
        case .lru: victim = lru.list.oldest
        case .s3fifo: victim = flushedMainItem ?? s3fifo.victim(items: index.count, memory)
        }
        guard !victim.isNone, victim != kept else { return false }
        let hash = hash(of: victim)
        if options.eviction == .s3fifo, death(of: victim, at: now) == nil {
            s3fifo.noteEviction(victim, hash, items: index.count, memory)
            chargeIndex()
        }
        remove(victim, hash, because: .evicted, at: now)
        return true
    }

    /// The last item of `S3FIFO.main` if it was flushed. The sweep takes time to find those, and
    /// until then what is new would only have the room of `small`.
    private var flushedMainItem: ChunkIndex? {
        guard flushedItems > 0 else { return nil }
        let oldest = s3fifo.main.oldest
        return !oldest.isNone && memory[oldest].sequence <= flushedSequence ? oldest : nil
    }

    /// The item that would be evicted next, as far as that can be told without moving any.
    var evictionCandidate: ChunkIndex {
        switch options.eviction {
        case .lru: lru.list.oldest
        case .s3fifo: s3fifo.candidate(items: index.count, memory)
        }
    }

    /// The item that culling would drop next. Only when culling is configured.
    var leastRecent: ChunkIndex {
        switch options.eviction {
        case .lru: lru.list.oldest
        case .s3fifo: s3fifo.leastRecent(memory)
        }
    }

    private func stampAccess(_ chunk: ChunkIndex, at now: Instant) {
        memory[chunk].accessTick = now.tick
        if options.maximumEntries != nil {
            memory[chunk].stamp = shared.accessStamp.add(1, ordering: .relaxed).newValue
        }
    }
}
