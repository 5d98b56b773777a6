/// Walking over an index a bucket at a time, while it grows and shrinks between two steps.
///
/// The buckets are visited in the order of their hashes' lowest bits read backwards, as Redis's
/// SCAN does: a bucket then stands for one interval of that order, a split cuts the interval in
/// two and a merge puts two neighbours together. So the cursor, which is the first place not
/// visited yet, stays right whatever happened since, and what is there from the beginning to the
/// end of a walk is met exactly once.
///
///     4 buckets   ├──── 00 ────┼──── 10 ────┼──── 01 ────┼──── 11 ────┤
///     5 buckets   ├ 000 ┼ 100 ─┼──── 10 ────┼──── 01 ────┼──── 11 ────┤
///                                     ▲ cursor
struct IndexCursor: Sendable {
    /// The reversed bucket bits of the first hash that was not visited yet; 2^32 at the end.
    fileprivate var next: UInt64 = 0

    init() {}

    var isAtEnd: Bool { next > UInt64(UInt32.max) }

    /// True if the walk has visited, or will not visit, what has this hash.
    fileprivate func isBehind(_ hash: KeyHash) -> Bool {
        UInt64(hash.bucketBits.reversedBits) < next
    }
}

extension BucketIndex {
    /// Visits the chunks of the bucket that the cursor is at, and moves the cursor behind it.
    /// - Parameter hash: tells a chunk's hash; asked only after a merge, to leave out what was
    ///   visited before it.
    /// - Complexity: O(items of one bucket), 8 on average.
    func visitBucket(
        at cursor: inout IndexCursor, hash: (ChunkIndex) -> KeyHash, _ body: (ChunkIndex) -> Void
    ) {
        guard !cursor.isAtEnd else { return }
        let bits = UInt32(truncatingIfNeeded: cursor.next).reversedBits
        let position = BucketIndex.position(bucketBits: bits, count: buckets)
        let width = UInt64(1) << UInt64(32 - depth(of: position))
        let isPartial = cursor.next & (width - 1) != 0
        forEachChunk(inBucket: position) { chunk in
            if isPartial, cursor.isBehind(hash(chunk)) { return }
            body(chunk)
        }
        cursor.next = (cursor.next | (width - 1)) + 1
    }

    /// How many of the lowest bits of a hash decide that it belongs to this bucket.
    private func depth(of position: Int) -> Int {
        let bits = Int.bitWidth - (buckets - 1).leadingZeroBitCount
        let half = 1 << (bits - 1)
        // The lower half's last buckets are not split yet.
        return position >= half || position + half < buckets ? bits : bits - 1
    }
}

extension UInt32 {
    /// The same bits, the lowest one first.
    fileprivate var reversedBits: UInt32 {
        var bits = byteSwapped
        bits = (bits >> 4) & 0x0f0f_0f0f | (bits & 0x0f0f_0f0f) << 4
        bits = (bits >> 2) & 0x3333_3333 | (bits & 0x3333_3333) << 2
        bits = (bits >> 1) & 0x5555_5555 | (bits & 0x5555_5555) << 1
        return bits
    }
}
