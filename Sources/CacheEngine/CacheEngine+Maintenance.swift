/// What happens beside the commands: reclaiming the dead, and reaching a lowered limit.
extension CacheEngine {
    /// Where a maintenance pass stands.
    public struct MaintenancePass: Sendable {
        var shard = 0
        public init() {}
    }

    /// Does a slice of a pass over the cache, well under a millisecond.
    /// - Returns: true when the pass is complete.
    public func maintain(_ pass: inout MaintenancePass, at now: Instant) -> Bool {
        pool.discardSome()
        var isOverLimit = pool.isOverLimit
        if isOverLimit, case .nothing = donatePage(to: nil, at: now) {
            // There is nothing to evict, or it is not allowed: trying again would not help.
            isOverLimit = false
        }
        guard pass.shard < shards.count else {
            if isOverLimit { return false }
            pass.shard = 0
            return true
        }
        let isSwept = shards.withShard(pass.shard) { shard in
            shard.sweep(work: CacheEngine.sweepWork, at: now)
        }
        if isSwept { pass.shard += 1 }
        return false
    }
}
