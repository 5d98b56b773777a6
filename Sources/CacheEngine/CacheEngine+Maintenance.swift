/// What happens beside the commands: reclaiming the dead, and reaching a lowered limit.
extension CacheEngine {
    /// Where a maintenance pass stands.
    public struct MaintenancePass: Sendable {
        var shard = 0
        public init() {}
    }

    /// Pages that one slice sweeps at most, each under its shard's lock for itself.
    private static let pagesPerSlice = 4

    /// Does a slice of a pass over the cache: a few pages, well under a millisecond.
    /// - Returns: true when the pass is complete.
    public func maintain(_ pass: inout MaintenancePass, at now: Instant) -> Bool {
        if pool.isOverLimit, configuration.evicts { _ = donatePage(to: nil, at: now) }
        guard pass.shard < shards.count else {
            pass.shard = 0
            return !pool.isOverLimit
        }
        let isSwept = shards.withShard(pass.shard) { shard in
            shard.sweep(pages: CacheEngine.pagesPerSlice, at: now)
        }
        if isSwept { pass.shard += 1 }
        return false
    }
}
