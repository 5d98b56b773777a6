import CSystem

/// Brings buckets and items into the processor's cache without their shard's lock. What it reads
/// may be out of date, and is used as a hint only.
@safe
struct BucketPrefetcher: @unchecked Sendable {
    let main: UnsafeMutableRawPointer
    let published: UnsafeMutablePointer<UInt32>

    // SAFETY: a published count is never above what was committed once, and that stays readable.

    @inline(__always)
    private func bucket(_ hash: KeyHash) -> UnsafeMutableRawPointer {
        let buckets = unsafe Int(cs_load_relaxed_32(published))
        let position = BucketIndex.position(hash, count: buckets)
        return unsafe main + position &* BucketIndex.bucketBytes
    }

    @inline(__always)
    func prefetchBucket(_ hash: KeyHash) { unsafe cs_prefetch(bucket(hash)) }

    /// To be called when the bucket has had time to arrive.
    @inline(__always)
    func prefetchItem(_ hash: KeyHash, memory: ChunkMemory) {
        let bucket = unsafe bucket(hash)
        let low = unsafe BucketIndex.matches(cs_load_relaxed_64(bucket), hash.tag)
        var position = low.trailingZeroBitCount >> 3
        if low == 0 {
            let high = unsafe BucketIndex.matches(cs_load_relaxed_32(bucket + 8), hash.tag)
            guard high != 0 else { return }
            position = 8 + (high.trailingZeroBitCount >> 3)
        }
        guard position < BucketIndex.slots else { return }
        let chunk = unsafe cs_load_relaxed_32(
            bucket + (BucketIndex.indicesOffset &+ position &* 4))
        memory.prefetch(ChunkIndex(rawValue: chunk))
    }
}
