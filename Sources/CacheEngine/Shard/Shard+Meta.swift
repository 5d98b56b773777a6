/// Items that are renewed by one of their readers, and what else only meta commands ask for.
extension Shard {
    /// What a reader is told, before anything is changed.
    func renewal(of chunk: ChunkIndex, _ options: MetaGetOptions, isNew: Bool) -> MetaGetOutcome {
        let item = memory[chunk]
        let marks = item.marks
        let isTokenSent = marks.contains(.tokenSent)
        let isStale = marks.contains(.stale)
        var isWon = isNew || isStale && !isTokenSent
        if let limit = options.recacheBefore, !isTokenSent, !isNew {
            let expiry = options.recachesByNewExpiry ? options.expiry ?? item.expiry : item.expiry
            if expiry != .never, expiry.second < limit.second { isWon = true }
        }
        return MetaGetOutcome(
            isNew: isNew, isWon: isWon, isTokenSent: isTokenSent, isStale: isStale)
    }

    /// What a read changes, after the item was shown.
    mutating func metaHit(
        _ chunk: ChunkIndex, _ options: MetaGetOptions, _ outcome: MetaGetOutcome,
        at now: Instant
    ) {
        let item = memory[chunk]
        if outcome.isWon { item.marks = item.marks.union(.tokenSent) }
        let classNumber = Int(sizeClass(of: chunk).rawValue)
        if let expiry = options.expiry {
            // A new item has its expiry already.
            if !outcome.isNew {
                item.expiry = expiry
                noteExpiry(of: chunk)
            }
            classes[classNumber].touchHits += 1
        } else {
            classes[classNumber].getHits += 1
        }
        guard options.isAccess else { return }
        noteFetch(of: chunk)
        // Making an item is no hit to the policy: it would count as asked for by its own maker.
        if !outcome.isNew { noteAccess(chunk, at: now) }
    }

    /// Makes an item without a value where there is none; nil if there is no memory.
    mutating func vivify(
        _ shape: ItemShape, _ key: Span<UInt8>, _ hash: KeyHash, at now: Instant
    ) -> ChunkIndex? {
        defer { releaseEntry() }
        guard let made = makeItem(shape, key: key, at: now),
            case .stored = replace(key, hash, with: made, at: now)
        else { return nil }
        return made
    }

    mutating func metaDelete(
        _ key: Span<UInt8>, _ hash: KeyHash, _ options: MetaDeleteOptions, at now: Instant
    ) -> MetaDeleteResult {
        guard case .hit(let chunk, let slot) = find(key, hash, at: now) else { return .notFound }
        let oldCAS = cas(of: memory[chunk])
        if let compared = options.comparedCAS, compared != oldCAS { return .exists }
        if options.clearsValue {
            // Without a mark it is no other value to a client that knew the old one's CAS.
            let cas = options.newCAS ?? (options.invalidates ? nil : oldCAS)
            var marks: ItemMarks = options.hasBinaryKey ? .binaryKey : []
            if options.invalidates { marks.insert(.stale) }
            let shape = ItemShape(
                keyLength: key.count, flags: options.flags, explicitCAS: cas, valueLength: 0,
                expiry: options.expiry ?? .never, marks: marks)
            guard let made = makeItem(shape, key: key, at: now),
                case .stored = replace(key, hash, with: made, at: now)
            else { return .outOfMemory }
            if !options.invalidates { classes[Int(sizeClass(of: made).rawValue)].deleteHits += 1 }
            return .deleted
        }
        guard options.invalidates else {
            classes[Int(sizeClass(of: chunk).rawValue)].deleteHits += 1
            unlink(chunk, slot, because: .deleted, at: now)
            return .deleted
        }
        var renewed = renewCAS(of: chunk, to: options.newCAS, key, hash, at: now)
        if renewed == nil {
            // Not while another attempt follows. After that, the client's number matters less than
            // that nobody takes the value for a fresh one.
            guard !asksOthers else { return .outOfMemory }
            guard case .hit(let left, _) = find(key, hash, at: now) else { return .notFound }
            renewed = renewCAS(of: left, to: nil, key, hash, at: now)
        }
        guard let stale = renewed else { return .outOfMemory }
        if let expiry = options.expiry {
            memory[stale].expiry = expiry
            noteExpiry(of: stale)
        }
        memory[stale].marks = memory[stale].marks.union(.stale).subtracting(.tokenSent)
        return .deleted
    }

    /// Gives an item another CAS value: the client's, or with nil the engine's next.
    /// - Returns: where the item is now: it moves if it had no room for the client's; nil if there
    ///   is no memory for that.
    mutating func renewCAS(
        of chunk: ChunkIndex, to chosen: UInt64?, _ key: Span<UInt8>, _ hash: KeyHash,
        at now: Instant
    ) -> ChunkIndex? {
        let item = memory[chunk]
        if chosen == nil || item.bits.contains(.explicitCAS) {
            item.sequence = nextSequence()
            item.explicitCAS = chosen ?? derivedCAS(of: item)
            return chunk
        }
        let marks = item.marks
        let fetched = item.bits.intersection(.fetched)
        let accessTick = item.accessTick
        var options = StoreOptions(mode: .append)
        options.newCAS = chosen
        let result = extend(chunk, options, key, hash, by: 0, at: now) { _ in }
        guard case .hit(let moved, _) = find(key, hash, at: now) else { return nil }
        memory[moved].accessTick = accessTick
        guard case .stored = result else { return nil }
        // To the client it is the same item: no other value was stored, and nobody read it.
        memory[moved].marks = marks
        memory[moved].bits.formUnion(fetched)
        counters.totalItems -= 1
        classes[Int(sizeClass(of: moved).rawValue)].sets -= 1
        return moved
    }
}
