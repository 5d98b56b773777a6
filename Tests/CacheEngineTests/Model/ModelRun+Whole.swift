@testable import CacheEngine

/// What concerns the whole cache: culling, flushes, maintenance, the limit.
extension ModelRun {
    /// Culls step by step, sometimes with reads in between, and checks that exactly the oldest
    /// went, and exactly as many as must.
    /// - Returns: whether the store that asked for it may exceed the limit.
    func cullCompletely() throws -> Bool {
        let asked = action
        let most = plan.maximumEntries ?? .max
        var dropped = 0
        var progress = CacheEngine.CullProgress.more
        repeat {
            if progress == .more, dropped > 0, random.isOneIn(4) {
                try retrieve(anyKey(), touch: nil)
            }
            action = "cull for \(asked)"
            let items = random.isOneIn(2) ? 2_000 : random.between(1, 20)
            progress = engine.cull(items, at: now)
            try reapDead()
            let now = engine.statistics(at: now).culled - culled
            try check(now <= UInt64(items), "\(now) culled in a step of \(items)")
            for _ in 0..<now { try cullOldest() }
            dropped += Int(now)
        } while progress == .more
        tally.culls += 1
        let entries = model.unflushedCount + dropped
        if entries < most {
            try check(dropped == 0 && progress == .done, "culled although there was room")
            return false
        }
        if plan.cullFrequency == 0 {
            try check(dropped == 0 && progress == .done, "\(progress) with a frequency of 0")
            model.flush()
            return false
        }
        let due = entries / plan.cullFrequency
        try check(dropped == due, "\(dropped) culled of \(entries), not \(due)")
        try check(progress == (due == 0 ? .nothingToDrop : .done), "\(progress) at the end")
        try check(
            (0..<keys.count).allSatisfy {
                !model.entries[$0].isPresent || model.isLive($0, at: now)
            }, "a cull left something dead")
        return progress == .nothingToDrop
    }

    private func cullOldest() throws {
        guard let key = model.oldestLive(at: now) else {
            return try check(false, "more culled than there was")
        }
        try check(
            !isInEngine(key),
            "another than the least recently used was culled; that is key \(key)")
        model.remove(key)
        culled += 1
    }

    func maintain() throws {
        action = "maintenance"
        for _ in 0..<random.between(1, 20) { _ = engine.maintain(&pass, at: now) }
        try reapDead()
    }

    func flush() {
        action = "flush"
        engine.flush()
        model.flush()
        flushDueMs = nil
        tally.flushes += 1
    }

    /// As if a shard had made all the changes that it has numbers for.
    func restartSequence() {
        action = "restart of a sequence"
        let number = random.below(model.shards)
        let oldest = engine.shards.withShard(number) { shard in
            shard.sequence = ItemLayout.sequenceMask
            _ = shard.nextSequence()
            return 1 << UInt64(shard.options.shardBits) | UInt64(number)
        }
        lastCAS[number] = oldest
        // What was flushed is gone, and what is left has the first number.
        for key in keys.indices where model.shardOfKey[key] == number {
            guard model.entries[key].isPresent else { continue }
            if model.isFlushed(key) {
                model.remove(key)
            } else if model.isLive(key, at: now) || isInEngine(key) {
                if !model.entries[key].isExplicit { model.entries[key].cas = oldest }
            } else {
                model.remove(key)
            }
        }
        tally.restarts += 1
    }

    func planFlush() {
        action = "planned flush"
        let due = Instant(milliseconds: nowMs + UInt64(random.between(1, 3_000)))
        engine.flush(at: due)
        flushDueMs = due.milliseconds
    }

    func resetStatistics() {
        action = "reset of the statistics"
        engine.resetStatistics()
        culled = 0
    }

    func changeLimit() {
        action = "change of the limit"
        let factor = [2, 3, 4, 6, 8][random.below(5)]
        let limit = max(1 << 20, plan.memoryLimitBytes / 4 * factor)
        // Without eviction a lower limit would never be reached.
        if !plan.evicts, limit < engine.pool.chargedBytes { return }
        _ = engine.setMemoryLimit(bytes: limit)
        awaitsLimit = true
    }
}
