import CSystem

/// Brings buckets and items into the processor's cache without their shard's lock. What it reads
/// may be out of date, and is used as a hint only.
@safe
struct BucketPrefetcher: @unchecked Sendable {
    let main: UnsafeMutableRawPointer
    let overflow: UnsafeMutableRawPointer
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
        if let chunk = unsafe candidate(hash, in: bucket) {
            memory.prefetchItem(chunk)
        } else if let more = unsafe overflowBucket(of: bucket) {
            unsafe cs_prefetch(more)
        }
    }

    /// To be called when that has had time to arrive.
    @inline(__always)
    func prefetchNeighbours(_ hash: KeyHash, memory: ChunkMemory) {
        let bucket = unsafe bucket(hash)
        if let chunk = unsafe candidate(hash, in: bucket) {
            memory.prefetchNeighbours(of: chunk)
        } else if let more = unsafe overflowBucket(of: bucket),
            let chunk = unsafe candidate(hash, in: more)
        {
            memory.prefetchItem(chunk)
        }
    }

    @inline(__always)
    private func overflowBucket(of bucket: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        let link = unsafe cs_load_relaxed_32(bucket + BucketIndex.overflowOffset)
        // SAFETY: a link, also an old one, is to a bucket that was committed.
        return link == 0 ? nil : unsafe overflow + Int(link) &* BucketIndex.bucketBytes
    }

    /// The first chunk of the bucket whose tag matches.
    @inline(__always)
    private func candidate(
        _ hash: KeyHash, in bucket: UnsafeMutableRawPointer
    ) -> ChunkIndex? {
        let low = unsafe BucketIndex.matches(cs_load_relaxed_64(bucket), hash.tag)
        var position = low.trailingZeroBitCount >> 3
        if low == 0 {
            let high = unsafe BucketIndex.matches(cs_load_relaxed_32(bucket + 8), hash.tag)
            guard high != 0 else { return nil }
            position = 8 + (high.trailingZeroBitCount >> 3)
        }
        guard position < BucketIndex.slots else { return nil }
        let chunk = unsafe cs_load_relaxed_32(
            bucket + (BucketIndex.indicesOffset &+ position &* 4))
        return chunk == 0 ? nil : ChunkIndex(rawValue: chunk)
    }
}
