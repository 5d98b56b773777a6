/// Culling as in Django's cache framework: when a new key comes to a cache of MAX_ENTRIES items,
/// what has expired goes first, and if that isn't enough, the least recently used
/// 1/CULL_FREQUENCY of them, in the order of the whole cache. A frequency of 0 empties it.
///
/// It is done in steps, with no lock held between them, so that nobody else waits for it. Each
/// item that goes is the least recently used one at that moment. The client that hit the limit is
/// answered when it is complete.
extension CacheEngine {
    public enum CullProgress: Equatable, Sendable {
        /// There is more to do: call again.
        case more
        /// There is room: store again.
        case done
        /// The fraction of the items is less than one (the frequency is above their number), so
        /// nothing went: store again with `mayExceed`, as Django does.
        case nothingToDrop
    }

    /// A cull under way; guarded by `cullLock`.
    final class CullJob: @unchecked Sendable {
        fileprivate var isActive = false
        /// The next shard to be swept of expired items; then the dropping begins.
        fileprivate var nextSwept = 0
        fileprivate var toDrop: Int?
        /// It ends as well when there are no more entries than this: what expires meanwhile counts.
        fileprivate var target = 0
        /// By shard: a stamp that its oldest item's is not under.
        fileprivate var oldestStamps: [UInt64] = []
    }

    /// Work of a sweep while a shard is locked; see `Shard.sweep`.
    static let sweepWork = 16_384
    /// Items dropped while a shard is locked.
    private static let dropsAtOnce = 512

    /// Works on the cull that is due, dropping up to `items`.
    public func cull(_ items: Int, at now: Instant) -> CullProgress {
        guard let maximum = configuration.maximumEntries else { return .done }
        return cullLock.withLock {
            if !cullJob.isActive {
                guard shared.entries.load(ordering: .relaxed) >= maximum else { return .done }
                beginCull()
            }
            let progress = cullStep(items, maximum: maximum, at: now)
            if progress != .more { cullJob.isActive = false }
            return progress
        }
    }

    private func beginCull() {
        cullJob.isActive = true
        cullJob.nextSwept = 0
        cullJob.toDrop = nil
        cullJob.oldestStamps = Array(repeating: 0, count: shards.count)
        for number in 0..<shards.count { shards.withShard(number) { $0.restartSweep() } }
    }

    private func cullStep(_ items: Int, maximum: Int, at now: Instant) -> CullProgress {
        while cullJob.nextSwept < shards.count {
            let isDone = shards.withShard(cullJob.nextSwept) { shard in
                shard.sweep(work: CacheEngine.sweepWork, at: now)
            }
            guard isDone else { return .more }
            cullJob.nextSwept += 1
        }
        let entries = shared.entries.load(ordering: .relaxed)
        if cullJob.toDrop == nil {
            if entries < maximum { return .done }
            if configuration.cullFrequency == 0 {
                flushShards()
                return .done
            }
            cullJob.toDrop = entries / configuration.cullFrequency
            if cullJob.toDrop == 0 { return .nothingToDrop }
            cullJob.target = entries - (cullJob.toDrop ?? 0)
        }
        var left = cullJob.toDrop ?? 0
        let goal = max(0, left - items)
        while left > goal {
            if shared.entries.load(ordering: .relaxed) <= cullJob.target { return .done }
            let count = min(left - goal, CacheEngine.dropsAtOnce)
            guard let dropped = dropOldest(upTo: count, at: now) else { return .done }
            left -= dropped
        }
        cullJob.toDrop = left
        return left == 0 ? .done : .more
    }

    /// Drops from the shard whose oldest item is the whole cache's oldest, until another shard's
    /// is. Nil if the cache is empty.
    private func dropOldest(upTo count: Int, at now: Instant) -> Int? {
        var chosen = 0
        var least = UInt64.max
        var second = UInt64.max
        for (number, stamp) in cullJob.oldestStamps.enumerated() {
            if stamp < least {
                second = least
                least = stamp
                chosen = number
            } else if stamp < second {
                second = stamp
            }
        }
        guard least != .max else { return nil }
        return shards.withShard(chosen) { shard in
            let actual = shard.oldestStamp
            var dropped = 0
            // A remembered stamp can only be too old: then this shard is compared again.
            if actual == least {
                dropped = shard.cullOldest(count, stampUnder: second, at: now)
            }
            cullJob.oldestStamps[chosen] = shard.oldestStamp
            return dropped
        }
    }
}

extension Shard {
    /// The stamp of the least recently used item; the highest number if there is none.
    var oldestStamp: UInt64 { leastRecent.isNone ? .max : memory[leastRecent].stamp }
}
