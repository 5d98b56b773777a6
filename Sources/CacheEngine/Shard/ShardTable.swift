/// The shards at fixed places, each reached only with its lock held.
///
/// Locks and what a prefetch reads lie apart from the shards: both are used while another thread
/// is changing the shard.
@safe
final class ShardTable: @unchecked Sendable {
    private let shards: UnsafeMutablePointer<Shard>
    private let locks: FixedArray<Lock>
    private let prefetchers: [BucketPrefetcher]
    let count: Int
    /// How far a hash is shifted to give the shard's number; 64 for a single shard.
    let hashShift: Int

    init(
        count: Int, pool: PagePool, shared: SharedState, options: ShardOptions
    ) throws(EngineError) {
        var prefetchers: [BucketPrefetcher] = []
        let storage = UnsafeMutablePointer<Shard>.allocate(capacity: count)
        do throws(EngineError) {
            while prefetchers.count < count {
                let shard = try Shard(
                    number: prefetchers.count, pool: pool, shared: shared, options: options)
                let prefetcher = shard.index.prefetcher
                unsafe (storage + prefetchers.count).initialize(to: shard)
                prefetchers.append(prefetcher)
            }
        } catch {
            unsafe storage.deinitialize(count: prefetchers.count)
            unsafe storage.deallocate()
            throw error
        }
        unsafe shards = storage
        self.prefetchers = prefetchers
        locks = FixedArray(count: count) { _ in Lock() }
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
        locks[number].lock()
        defer { locks[number].unlock() }
        // SAFETY: in range; the lock makes the access exclusive.
        return unsafe body(&shards[number])
    }

    @inline(__always)
    func prefetcher(of number: Int) -> BucketPrefetcher { prefetchers[number] }
}
