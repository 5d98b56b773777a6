/// The shards at fixed places, each reached only with its lock held.
@safe
final class ShardTable: @unchecked Sendable {
    private let shards: UnsafeMutablePointer<CacheEngine.LockedShard>
    let count: Int
    /// How far a hash is shifted to give the shard's number; 64 for a single shard.
    let hashShift: Int

    init(
        count: Int, pool: PagePool, shared: SharedState, options: ShardOptions
    ) throws(EngineError) {
        var made = 0
        let storage = UnsafeMutablePointer<CacheEngine.LockedShard>.allocate(capacity: count)
        do throws(EngineError) {
            while made < count {
                let shard = try Shard(
                    number: made, pool: pool, shared: shared, options: options)
                unsafe (storage + made).initialize(to: CacheEngine.LockedShard(shard: shard))
                made += 1
            }
        } catch {
            unsafe storage.deinitialize(count: made)
            unsafe storage.deallocate()
            throw error
        }
        unsafe shards = storage
        self.count = count
        hashShift = 64 - count.trailingZeroBitCount
    }

    deinit {
        unsafe shards.deinitialize(count: count)
        unsafe shards.deallocate()
    }

    /// Runs `body` with the shard's lock held.
    @inline(__always)
    func withShard<Result>(_ number: Int, _ body: (inout Shard) -> Result) -> Result {
        precondition(number >= 0 && number < count, "no such shard")
        // SAFETY: in range; the lock makes the access exclusive.
        unsafe shards[number].lock.lock()
        defer { unsafe shards[number].lock.unlock() }
        return unsafe body(&shards[number].shard)
    }

    // SAFETY: these read only what `BucketIndex` publishes with relaxed atomics, and constants.

    @inline(__always)
    func prefetchBucket(of number: Int, _ hash: KeyHash) {
        precondition(number >= 0 && number < count, "no such shard")
        unsafe shards[number].shard.index.prefetchBucket(hash)
    }

    @inline(__always)
    func prefetchItem(of number: Int, _ hash: KeyHash) {
        precondition(number >= 0 && number < count, "no such shard")
        unsafe shards[number].shard.index.prefetchItem(hash, memory: shards[number].shard.memory)
    }
}
