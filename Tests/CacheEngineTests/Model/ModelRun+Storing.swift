@testable import CacheEngine

/// The storage commands.
extension ModelRun {
    /// What the model says a store must come to, if there is memory for it.
    enum Expected {
        case refused(StoreResult)
        case mustCull
        /// The value that the key has then.
        case stored([UInt8])
    }

    func storeSomething(_ mode: StoreMode) throws {
        let key: Int
        if case .cas = mode { key = casKey } else { key = anyKey() }
        let options = StoreOptions(mode: mode, flags: anyFlags(), expiry: anyExpiry())
        let isTooLarge = random.isOneIn(400)
        let value =
            isTooLarge
            ? Noise.value(ModelPlan.maximumItemBytes, variant: random.next()) : anyValue()
        action = "\(mode) of key \(key), \(value.count) bytes"
        workingBytes = value.count + model.entries[key].value.count
        if isTooLarge {
            let result = store(options, key, value, mayExceed: false)
            try check(result == .tooLarge, "\(result) of a value that is too large")
            if mode == .set, model.entries[key].isPresent { model.remove(key) }
            return
        }
        var expected = expect(mode, key, value, mayExceed: false)
        var result = store(options, key, value, mayExceed: false)
        // More than once, if a frequency above the number of entries let the cache grow.
        while case .mustCull = expected {
            try check(result == .mustCull, "\(result) into a cache that is full by count")
            let mayExceed = try cullCompletely()
            expected = expect(mode, key, value, mayExceed: mayExceed)
            result = store(options, key, value, mayExceed: mayExceed)
        }
        try compare(result, expected, options, key)
    }

    private func store(
        _ options: StoreOptions, _ key: Int, _ value: [UInt8], mayExceed: Bool
    ) -> StoreResult {
        let name = keys[key]
        return engine.store(
            options, key: name.span, hashes[key], value: value.span, mayExceed: mayExceed, at: now)
    }

    /// Also does to the model what looking the key up does.
    func expect(_ mode: StoreMode, _ key: Int, _ value: [UInt8], mayExceed: Bool) -> Expected {
        guard meet(key) else {
            switch mode {
            case .replace, .append, .prepend: return .refused(.notStored)
            case .cas: return .refused(.notFound)
            case .set, .add: break
            }
            if !mayExceed, let most = plan.maximumEntries, model.unflushedCount >= most {
                return .mustCull
            }
            return .stored(value)
        }
        let old = model.entries[key]
        switch mode {
        case .set, .replace: return .stored(value)
        case .add:
            noteAccess(key)
            return .refused(.notStored)
        case .cas(let cas): return cas == old.cas ? .stored(value) : .refused(.exists)
        case .append, .prepend:
            let size = CacheEngine.itemBytes(
                keyLength: keys[key].count, valueLength: old.value.count + value.count,
                flags: old.flags)
            guard size <= ModelPlan.maximumItemBytes else { return .refused(.notStored) }
            model.moveToNewest(key)
            return .stored(mode == .append ? old.value + value : value + old.value)
        }
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
        isLarge: Bool = false
    ) throws {
        guard case .stored(let value) = expected else {
            guard case .refused(let refusal) = expected else { return }
            return try check(result == refusal, "\(result), not \(refusal)")
        }
        let extends = options.mode == .append || options.mode == .prepend
        switch result {
        case .stored(let cas, let length):
            try noteCAS(cas, of: key)
            try check(length == value.count, "\(length) bytes, not \(value.count)")
            let old = model.entries[key]
            model.put(
                key, value, flags: extends ? old.flags : options.flags,
                expiry: extends ? old.expiry : options.expiry, cas: cas,
                isLarge: isLarge && !extends)
            if isLarge { tally.largeStored += 1 }
        case .outOfMemory:
            let needed = value.count + (extends ? model.entries[key].value.count : 0)
            try check(mayRunOut(of: needed), "no memory for \(needed) bytes")
            if options.mode == .set, model.entries[key].isPresent { model.remove(key) }
        case .notStored, .notFound:
            // Making room for the new value took the old one, after everything else in its shard.
            let isReplacement = options.mode != .set && options.mode != .add
            try check(isReplacement, "\(result), not stored")
            try check(!isInEngine(key), "\(result), but it is there")
            try check(plan.evicts, "\(result) without an eviction")
            if extends { try checkNothingElseIsLeft(of: key) }
        default: try check(false, "\(result), not stored")
        }
    }

    /// A value is needed for the one it is extended to: it goes after all others.
    private func checkNothingElseIsLeft(of key: Int) throws {
        let left = engine.shards.withShard(model.shardOfKey[key]) { $0.index.count }
        try check(left == 0, "what was to be extended was evicted before \(left) others")
    }

    /// CAS values of a shard only grow.
    func noteCAS(_ cas: UInt64, of key: Int) throws {
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
