@testable import CacheEngine

/// The storage commands.
extension ModelRun {
    /// What the model says a store must come to, if there is memory for it.
    enum Expected {
        case refused(StoreResult)
        case mustCull
        /// The value that the key has then.
        case stored([UInt8], Manner)
    }

    enum Manner {
        /// All of it is new.
        case fresh
        /// The value is out of date already: it keeps the old one's expiry, and a mark.
        case stale
        /// Behind or before the old value; flags and expiry stay.
        case extended
    }

    func storeSomething(_ mode: StoreMode) throws {
        let key: Int
        if case .cas = mode { key = casKey } else { key = anyKey() }
        let options = anyStoreOptions(mode, key)
        let isTooLarge = random.isOneIn(400)
        let value =
            isTooLarge
            ? Noise.value(ModelPlan.maximumItemBytes, variant: random.next()) : anyValue()
        action = "\(mode) of key \(key), \(value.count) bytes"
        details = options
        workingBytes = value.count + model.entries[key].value.count
        if isTooLarge {
            let result = store(options, key, value, mayExceed: false)
            try check(result == .tooLarge, "\(result) of a value that is too large")
            if mode == .set, model.entries[key].isPresent { model.remove(key) }
            return
        }
        var expected = expect(options, key, value, mayExceed: false)
        var result = store(options, key, value, mayExceed: false)
        // More than once, if a frequency above the number of entries let the cache grow.
        while case .mustCull = expected {
            try check(result == .mustCull, "\(result) into a cache that is full by count")
            let mayExceed = try cullCompletely()
            expected = expect(options, key, value, mayExceed: mayExceed)
            result = store(options, key, value, mayExceed: mayExceed)
        }
        try compare(result, expected, options, key, value)
    }

    /// Most of the time nothing but what the classic commands can ask for.
    func anyStoreOptions(_ mode: StoreMode, _ key: Int) -> StoreOptions {
        var options = StoreOptions(mode: mode, flags: anyFlags(), expiry: anyExpiry())
        if random.isOneIn(3) { options.newCAS = anyNewCAS() }
        options.hasBinaryKey = random.isOneIn(8)
        options.vivifies = random.isOneIn(3)
        options.takesStale = random.isOneIn(3)
        if random.isOneIn(4) { options.comparedCAS = anyCAS(of: key) }
        return options
    }

    private func store(
        _ options: StoreOptions, _ key: Int, _ value: [UInt8], mayExceed: Bool
    ) -> StoreResult {
        let name = keys[key]
        return engine.store(
            options, key: name.span, hashes[key], value: value.span, mayExceed: mayExceed, at: now)
    }

    /// Also does to the model what looking the key up does.
    func expect(
        _ options: StoreOptions, _ key: Int, _ value: [UInt8], mayExceed: Bool
    ) -> Expected {
        guard meet(key) else {
            switch options.mode {
            case .replace: return .refused(.notStored)
            case .append where !options.vivifies, .prepend where !options.vivifies:
                return .refused(.notStored)
            case .cas: return .refused(.notFound)
            case .set, .add, .append, .prepend: break
            }
            return isFull(mayExceed: mayExceed) ? .mustCull : .stored(value, .fresh)
        }
        let old = model.entries[key]
        switch options.mode {
        case .set, .replace: return .stored(value, .fresh)
        case .add:
            noteAccess(key)
            return .refused(.notStored)
        case .cas(let cas):
            // 0 is nobody's.
            if cas == 0 { return .refused(.exists) }
            if cas == old.cas { return .stored(value, .fresh) }
            let isOld = options.takesStale && cas < old.cas
            return isOld ? .stored(value, .stale) : .refused(.exists)
        case .append, .prepend:
            if options.comparedCAS != 0, options.comparedCAS != old.cas {
                return .refused(.exists)
            }
            let size = CacheEngine.itemBytes(
                keyLength: keys[key].count, valueLength: old.value.count + value.count,
                flags: old.flags)
            guard size <= ModelPlan.maximumItemBytes else { return .refused(.notStored) }
            model.moveToNewest(key)
            return .stored(
                options.mode == .append ? old.value + value : value + old.value, .extended)
        }
    }

    /// Whether a new key must wait for a cull.
    func isFull(mayExceed: Bool) -> Bool {
        guard let most = plan.maximumEntries, !mayExceed else { return false }
        return model.unflushedCount >= most
    }

    /// Looks a key up as every command does: false if it is not there, or dead and now gone.
    func meet(_ key: Int) -> Bool {
        switch model.presence(of: key, at: now) {
        case .live: return true
        case .absent: return false
        case .expired, .flushed:
            model.remove(key)
            return false
        }
    }

    /// Accesses that Django doesn't take for one: a failed add, a touch.
    func noteAccess(_ key: Int) {
        if plan.maximumEntries == nil { model.moveToNewest(key) }
    }

    func compare(
        _ result: StoreResult, _ expected: Expected, _ options: StoreOptions, _ key: Int,
        _ added: [UInt8], isLarge: Bool = false
    ) throws {
        guard case .stored(let value, let manner) = expected else {
            guard case .refused(let refusal) = expected else { return }
            return try check(result == refusal, "\(result), not \(refusal)")
        }
        switch result {
        case .stored(let cas, let length):
            try noteCAS(cas, chosen: options.newCAS, of: key)
            if manner == .extended, options.vivifies, length == added.count,
                length != value.count
            {
                // Making room for the longer value took the old one, and all else in its shard.
                try check(plan.evicts, "an old value is gone without an eviction")
                return put(key, added, .fresh, options, cas: cas, isLarge: isLarge)
            }
            try check(length == value.count, "\(length) bytes, not \(value.count)")
            put(key, value, manner, options, cas: cas, isLarge: isLarge)
        case .outOfMemory:
            let needed = value.count + (manner == .extended ? model.entries[key].value.count : 0)
            try check(mayRunOut(of: needed), "no memory for \(needed) bytes")
            if options.mode == .set, model.entries[key].isPresent { model.remove(key) }
        case .notStored, .notFound:
            // Making room for the new value took the old one, after everything else in its shard.
            let isReplacement = options.mode != .set && options.mode != .add
            try check(isReplacement, "\(result), not stored")
            try check(!isInEngine(key), "\(result), but it is there")
            try check(plan.evicts, "\(result) without an eviction")
            if manner == .extended { try checkNothingElseIsLeft(of: key) }
        default: try check(false, "\(result), not stored")
        }
    }

    private func put(
        _ key: Int, _ value: [UInt8], _ manner: Manner, _ options: StoreOptions, cas: UInt64,
        isLarge: Bool
    ) {
        let old = model.entries[key]
        var marks = CacheModel.Marks(isBinary: options.hasBinaryKey)
        if manner == .stale {
            marks.isStale = true
            marks.isTokenSent = old.marks.isTokenSent
            tally.staleStores += 1
        }
        if manner == .extended { marks.isBinary = old.marks.isBinary }
        model.put(
            key, value, flags: manner == .extended ? old.flags : options.flags,
            expiry: manner == .fresh ? options.expiry : old.expiry, cas: cas,
            isLarge: isLarge && manner != .extended, isExplicit: options.newCAS != nil,
            marks: marks)
        if isLarge { tally.largeStored += 1 }
    }

    /// A value is needed for the one it is extended to: it goes after all others.
    private func checkNothingElseIsLeft(of key: Int) throws {
        let left = engine.shards.withShard(model.shardOfKey[key]) { $0.index.count }
        try check(left == 0, "what was to be extended was evicted before \(left) others")
    }

    /// A client's CAS value is taken as it is; the engine's own only grow within a shard.
    func noteCAS(_ cas: UInt64, chosen: UInt64?, of key: Int) throws {
        if let chosen { return try check(cas == chosen, "CAS \(cas), not \(chosen)") }
        let shard = model.shardOfKey[key]
        try check(cas > lastCAS[shard], "CAS \(cas) comes after \(lastCAS[shard])")
        lastCAS[shard] = cas
    }

    /// Whether "out of memory" is a fair answer: nothing may be evicted, or much of the memory is
    /// pinned by open values, or the value is of the size of the memory itself.
    func mayRunOut(of bytes: Int) -> Bool {
        tally.outOfMemory += 1
        let capacity = engine.memoryLimitBytes - engine.indexBytes
        return !plan.evicts || !writers.isEmpty || !held.isEmpty || bytes > capacity / 2
    }
}
