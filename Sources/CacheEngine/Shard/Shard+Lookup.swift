/// Why an item left the cache.
enum RemovalReason {
    case deleted, evicted, expired, flushed, culled
    /// A new value of the same key takes its place: nothing is counted.
    case replaced
}

/// What a lookup found under a key.
enum Lookup {
    case hit(ChunkIndex, BucketIndex.Slot)
    case miss
    /// It was there, but its time was over; it is removed now.
    case expired
    /// It was there, but from before a flush; it is removed now.
    case flushed

    var result: RetrieveResult {
        switch self {
        case .hit: .hit
        case .miss: .miss
        case .expired: .expired
        case .flushed: .flushed
        }
    }
}

extension Shard {
    @inline(__always)
    func locate(_ key: Span<UInt8>, _ hash: KeyHash) -> (ChunkIndex, BucketIndex.Slot)? {
        var probe = index.probe(hash)
        while let found = probe.next(in: index) {
            if memory[found.0].hasKey(key) { return found }
        }
        return nil
    }

    /// The live item under a key. A dead one is removed on the way.
    @inline(__always)
    mutating func find(_ key: Span<UInt8>, _ hash: KeyHash, at now: Instant) -> Lookup {
        guard let (chunk, slot) = locate(key, hash) else { return .miss }
        switch death(of: chunk, at: now) {
        case nil: return .hit(chunk, slot)
        case .flushed:
            unlink(chunk, slot, because: .flushed, at: now)
            return .flushed
        default:
            unlink(chunk, slot, because: .expired, at: now)
            return .expired
        }
    }

    /// Why an item that is still linked must not be served; nil if it may be.
    @inline(__always)
    func death(of chunk: ChunkIndex, at now: Instant) -> RemovalReason? {
        let item = memory[chunk]
        if item.sequence <= flushedSequence { return .flushed }
        return item.expiry.isPast(at: now) ? .expired : nil
    }

    /// Puts a detached item into index and list. False (and nothing changed) if the index has no
    /// memory for it.
    mutating func link(_ chunk: ChunkIndex, _ hash: KeyHash, at now: Instant) -> Bool {
        guard index.insert(chunk, hash) else { return false }
        memory[chunk].state = .linked
        noteExpiry(of: chunk)
        enlist(chunk, hash, at: now)
        accountItem(chunk, by: 1)
        if hasReservedEntry {
            hasReservedEntry = false
        } else if options.maximumEntries != nil {
            shared.entries.add(1, ordering: .relaxed)
        }
        if index.wantsSplit {
            let hasher = options.hasher
            let memory = memory
            index.split(memory: memory) { chunk in
                // SAFETY: the key of a linked item, under the shard's lock.
                unsafe hasher.hash(
                    Span(
                        _unsafeElements:
                            UnsafeRawBufferPointer(memory[chunk].keyBytes).bindMemory(
                                to: UInt8.self)))
            }
            chargeIndex()
            payForIndex(at: now, keeping: chunk)
        }
        return true
    }

    /// The index grew: if that broke the budget, a page goes, or a few items on the way to one.
    /// No more at once: whatever else the budget is exceeded by is not this command's to pay.
    private mutating func payForIndex(at now: Instant, keeping chunk: ChunkIndex) {
        guard options.evicts else { return }
        var evictions = Shard.evictionsAtOnce
        while pool.isOverLimit, evictions > 0 {
            if let page = emptyPage(sparing: sizeClass(of: chunk)) {
                pool.release(page)
                return
            }
            guard evictOne(keeping: chunk, at: now) else { return }
            evictions -= 1
        }
    }

    /// The page must be swept no later than this item expires.
    func noteExpiry(of chunk: ChunkIndex) {
        let second = memory[chunk].expiry.second
        guard second != 0 else { return }
        let page = memory.page(of: chunk)
        if second < pool.pages[page].earliestExpiry { pool.pages[page].earliestExpiry = second }
    }

    /// Removes a linked item.
    mutating func remove(_ chunk: ChunkIndex, because reason: RemovalReason, at now: Instant) {
        remove(chunk, hash(of: chunk), because: reason, at: now)
    }

    mutating func remove(
        _ chunk: ChunkIndex, _ hash: KeyHash, because reason: RemovalReason, at now: Instant
    ) {
        var probe = index.probe(hash)
        while let (candidate, slot) = probe.next(in: index) {
            if candidate == chunk {
                unlink(chunk, slot, because: reason, at: now)
                return
            }
        }
        preconditionFailure("a linked item is not in the index")
    }

    /// Removes a linked item whose slot is known.
    mutating func unlink(
        _ chunk: ChunkIndex, _ slot: BucketIndex.Slot, because reason: RemovalReason,
        at now: Instant
    ) {
        let item = memory[chunk]
        let isFlushed = item.sequence <= flushedSequence
        count(removalOf: chunk, because: isFlushed ? .flushed : reason, at: now)
        index.remove(slot)
        delist(chunk)
        accountItem(chunk, by: -1)
        if isFlushed {
            flushedItems -= 1
        } else if options.maximumEntries != nil {
            // The new value takes the old one's place in the count, without a gap between.
            if case .replaced = reason {
                hasReservedEntry = true
            } else {
                shared.entries.subtract(1, ordering: .relaxed)
            }
        }
        if item.isChained && item.references > 0 {
            // Someone is still sending it: the last reference frees it.
            item.state = .detached
        } else {
            freeItem(chunk)
        }
        if index.wantsMerge {
            index.merge(memory: memory)
            chargeIndex()
        }
    }

    private mutating func count(
        removalOf chunk: ChunkIndex, because reason: RemovalReason, at now: Instant
    ) {
        let item = memory[chunk]
        let fetched = item.bits.contains(.fetched)
        let classNumber = Int(sizeClass(of: chunk).rawValue)
        switch reason {
        case .deleted: counters.deleted += 1
        case .culled:
            counters.culled += 1
            if evictionLog != nil { logEviction(of: chunk, at: now) }
        // Counted when the flush happened.
        case .flushed, .replaced: break
        case .expired:
            counters.expired += 1
            if !fetched {
                counters.expiredUnfetched += 1
                classes[classNumber].expiredUnfetched += 1
            }
            classes[classNumber].reclaimed += 1
        case .evicted:
            if item.expiry.isPast(at: now) {
                count(removalOf: chunk, because: .expired, at: now)
                return
            }
            counters.evicted += 1
            classes[classNumber].evicted += 1
            if item.expiry != .never {
                counters.evictedWithTTL += 1
                classes[classNumber].evictedWithTTL += 1
            }
            if !fetched {
                counters.evictedUnfetched += 1
                classes[classNumber].evictedUnfetched += 1
            }
            if evictionLog != nil { logEviction(of: chunk, at: now) }
        }
    }
}
