/// Storing: set, add, replace, cas, append, prepend.
extension Shard {
    /// What the state of the key says of a store, before anything is changed.
    enum Admission {
        /// - Parameter isStale: the new value is out of date already, by its CAS.
        case proceed(existing: ChunkIndex?, isStale: Bool = false)
        case refuse(StoreResult)
    }

    mutating func admit(
        _ store: StoreOptions, _ key: Span<UInt8>, _ hash: KeyHash, at now: Instant
    ) -> Admission {
        guard case .hit(let chunk, _) = find(key, hash, at: now) else {
            switch store.mode {
            case .set, .add: return .proceed(existing: nil)
            case .append where store.vivifies, .prepend where store.vivifies:
                return .proceed(existing: nil)
            case .replace, .append, .prepend: return .refuse(.notStored)
            case .cas: return .refuse(.notFound)
            }
        }
        switch store.mode {
        case .set, .replace: return .proceed(existing: chunk)
        case .append, .prepend:
            let isMeant =
                store.comparedCAS == 0 || store.comparedCAS == cas(of: memory[chunk])
            return isMeant ? .proceed(existing: chunk) : .refuse(.exists)
        case .add:
            // A failed add is an access in memcached; Django's culling does not take it for one.
            if options.maximumEntries == nil { noteAccess(chunk, at: now) }
            return .refuse(.notStored)
        case .cas(let expected):
            let found = cas(of: memory[chunk])
            if store.takesStale, expected != 0, expected < found {
                return .proceed(existing: chunk, isStale: true)
            }
            // 0 is nobody's, as in memcached, even if a client gave an item that.
            guard found == expected, expected != 0 else {
                classes[Int(sizeClass(of: chunk).rawValue)].casMismatches += 1
                return .refuse(.exists)
            }
            return .proceed(existing: chunk)
        }
    }

    /// Stores a whole value. `mayExceed`: a cull has just been made for this very item.
    mutating func store(
        _ store: StoreOptions, key: Span<UInt8>, hash: KeyHash, value: Span<UInt8>,
        mayExceed: Bool, at now: Instant
    ) -> StoreResult {
        var shape = ItemShape(
            keyLength: key.count, flags: store.flags, explicitCAS: store.newCAS,
            valueLength: value.count, expiry: store.expiry,
            marks: store.hasBinaryKey ? .binaryKey : [])
        let existing: ChunkIndex?
        switch admit(store, key, hash, at: now) {
        case .refuse(let result): return result
        case .proceed(let found, let isStale):
            existing = found
            if let found, isStale {
                shape.expiry = memory[found].expiry
                shape.marks.formUnion(memory[found].marks.whenStale)
            }
        }
        if let existing, store.mode == .append || store.mode == .prepend {
            return extend(existing, store, key, hash, by: value.count, at: now) { writer in
                writer.write(value)
            }
        }
        if existing == nil, !reserveEntry(mayExceed: mayExceed) { return .mustCull }
        defer { releaseEntry() }
        if let existing, overwrite(existing, shape, key, value, at: now) {
            countCASHit(store.mode, existing)
            return .stored(cas: cas(of: memory[existing]), length: value.count)
        }
        guard let fresh = makeItem(shape, key: key, at: now) else {
            // Not while another attempt follows: what is overwritten then must not count as new.
            if store.mode == .set, !asksOthers { forget(key, hash, because: .evicted, at: now) }
            return .outOfMemory
        }
        writeValue(of: fresh, value)
        let result = replace(key, hash, with: fresh, at: now)
        if case .stored = result { countCASHit(store.mode, fresh) }
        return result
    }

    private mutating func countCASHit(_ mode: StoreMode, _ chunk: ChunkIndex) {
        if case .cas = mode { classes[Int(sizeClass(of: chunk).rawValue)].casHits += 1 }
    }

    /// Counts the new item that is about to be linked; false if the cache is full by count.
    mutating func reserveEntry(mayExceed: Bool) -> Bool {
        guard let maximum = options.maximumEntries else { return true }
        var entries = shared.entries.load(ordering: .relaxed)
        while mayExceed || entries < maximum {
            let (exchanged, current) = shared.entries.compareExchange(
                expected: entries, desired: entries + 1, ordering: .relaxed)
            if exchanged {
                hasReservedEntry = true
                return true
            }
            entries = current
        }
        return false
    }

    /// Gives back a reservation that no item took.
    mutating func releaseEntry() {
        guard hasReservedEntry else { return }
        hasReservedEntry = false
        shared.entries.subtract(1, ordering: .relaxed)
    }

    /// Writes a new value where the old one lies; false if it doesn't fit there, or if the old
    /// one is being sent.
    private mutating func overwrite(
        _ chunk: ChunkIndex, _ shape: ItemShape, _ key: Span<UInt8>, _ value: Span<UInt8>,
        at now: Instant
    ) -> Bool {
        let bits = shape.bits(common: options.commonBits)
        guard !memory[chunk].isChained,
            let wanted = pool.classes.sizeClass(forBytes: shape.headBytes(bits)),
            wanted == sizeClass(of: chunk)
        else { return false }
        accountItem(chunk, by: -1)
        writeHeader(of: chunk, shape, bits.union(memory[chunk].bits.place), key)
        writeValue(of: chunk, value)
        memory[chunk].sequence = nextSequence()
        memory[chunk].state = .linked
        noteExpiry(of: chunk)
        noteAccess(chunk, at: now)
        accountItem(chunk, by: 1)
        counters.totalItems += 1
        classes[Int(wanted.rawValue)].sets += 1
        return true
    }

    /// Links a filled, detached item in place of whatever the key has now.
    mutating func replace(
        _ key: Span<UInt8>, _ hash: KeyHash, with fresh: ChunkIndex, at now: Instant
    ) -> StoreResult {
        // Looked up again: making room may have evicted or moved what was there.
        defer { releaseEntry() }
        var isNew = true
        if case .hit(let old, let slot) = find(key, hash, at: now) {
            // The new value keeps the old one's place, as one written over it would.
            keepPlace(of: old, for: fresh)
            unlink(old, slot, because: .replaced, at: now)
            isNew = false
        }
        memory[fresh].sequence = nextSequence()
        let cas = cas(of: memory[fresh])
        guard link(fresh, hash, at: now) else {
            freeItem(fresh)
            if !isNew { counters.evicted += 1 }
            return .outOfMemory
        }
        counters.totalItems += 1
        if isNew { counters.stored += 1 }
        classes[Int(sizeClass(of: fresh).rawValue)].sets += 1
        return .stored(cas: cas, length: memory[fresh].length)
    }

    /// Removes whatever the key has; true if it had something.
    @discardableResult
    mutating func forget(
        _ key: Span<UInt8>, _ hash: KeyHash, because reason: RemovalReason, at now: Instant
    ) -> Bool {
        guard case .hit(let chunk, let slot) = find(key, hash, at: now) else { return false }
        unlink(chunk, slot, because: reason, at: now)
        return true
    }

    /// Notes that a command found no memory in the end.
    mutating func countOutOfMemory() {
        counters.outOfMemory += 1
        if let failedClass { classes[Int(failedClass.rawValue)].outOfMemory += 1 }
    }

    /// append and prepend: a new item of both values, with the old one's flags and expiry.
    /// - Parameter writeAdded: writes the added bytes.
    mutating func extend(
        _ existing: ChunkIndex, _ store: StoreOptions, _ key: Span<UInt8>, _ hash: KeyHash,
        by added: Int, at now: Instant, writeAdded: (inout ValueWriter) -> Void
    ) -> StoreResult {
        let old = memory[existing]
        let shape = ItemShape(
            keyLength: key.count, flags: old.flags, explicitCAS: store.newCAS,
            valueLength: old.length + added, expiry: old.expiry,
            marks: old.marks.intersection(.binaryKey))
        guard CacheEngine.fits(shape, maximumItemBytes: options.maximumItemBytes) else {
            return .notStored
        }
        // It must not be evicted for the new one's room.
        protect(existing, at: now)
        let made = makeItem(shape, key: key, at: now)
        endProtection()
        guard let fresh = made else { return .outOfMemory }
        guard case .hit(let source, _) = find(key, hash, at: now) else {
            freeItem(fresh)
            return .notStored
        }
        var writer = ValueWriter(memory, fresh)
        if store.mode == .prepend { writeAdded(&writer) }
        memory.forEachPart(of: source) { writer.write($0) }
        if store.mode == .append { writeAdded(&writer) }
        return replace(key, hash, with: fresh, at: now)
    }
}
