/// Looking at everything that is stored, a little at a time.
extension CacheEngine {
    /// Where a scan stands. Any number of them may be under way; one costs nothing while it rests.
    public struct ScanCursor: Sendable {
        fileprivate var shard = 0
        fileprivate var index = IndexCursor()
        public init() {}
    }

    /// Buckets that are looked at while a shard is locked: some 64 items.
    static let scannedBuckets = 8

    /// Shows the next items of a scan to `body`, each while its shard is locked. What is stored
    /// during the whole scan, under the same key, is shown exactly once; what comes, goes or
    /// expires meanwhile may be shown or not. Nothing counts as an access.
    /// - Returns: false when the scan is complete, and nothing was shown.
    /// - Complexity: O(1), about one cache miss an item.
    public func scan(
        _ cursor: inout ScanCursor, at now: Instant, _ body: (borrowing ItemView) -> Void
    ) -> Bool {
        guard cursor.shard < shards.count else { return false }
        shards.withShard(cursor.shard) { shard in
            shard.scan(&cursor.index, buckets: CacheEngine.scannedBuckets, at: now, body)
        }
        if cursor.index.isAtEnd {
            cursor.shard += 1
            cursor.index = IndexCursor()
        }
        return true
    }
}

extension Shard {
    /// Shows the live items of the next buckets.
    mutating func scan(
        _ cursor: inout IndexCursor, buckets: Int, at now: Instant,
        _ body: (borrowing ItemView) -> Void
    ) {
        // All of them are on their way from memory when the first is looked at.
        var ahead = cursor
        for _ in 0..<buckets {
            index.visitBucket(at: &ahead, hash: { hash(of: $0) }) { memory.prefetchItem($0) }
        }
        var looked: UInt64 = 0
        for _ in 0..<buckets {
            index.visitBucket(at: &cursor, hash: { hash(of: $0) }) { chunk in
                looked += 1
                guard death(of: chunk, at: now) == nil else { return }
                body(view(of: chunk))
            }
        }
        counters.scanned += looked
    }

    @inline(__always)
    func view(of chunk: ChunkIndex) -> ItemView {
        let item = memory[chunk]
        return ItemView(
            item: item, chunk: chunk, pool: pool, shard: UInt32(truncatingIfNeeded: number),
            cas: cas(of: item))
    }
}
