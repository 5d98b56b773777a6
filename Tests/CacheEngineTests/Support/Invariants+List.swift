@testable import CacheEngine

/// The order of eviction and the index know exactly the same items.
extension InvariantCheck {
    func checkList(_ shard: borrowing Shard, _ number: Int, linked: Int) {
        expect(shard.index.count == linked, "\(linked) items, \(shard.index.count) in the index")
        var count = 0
        switch shard.options.eviction {
        case .lru: count = checkList(shard.lru.list, shard, number, linked: linked)
        case .s3fifo:
            let small = checkList(shard.s3fifo.small, shard, number, linked: linked)
            expect(shard.s3fifo.smallItems == small, "the small queue has \(small) items")
            count =
                small
                + checkList(shard.s3fifo.main, shard, number, linked: linked, isMain: true)
        }
        // As many as are linked on the pages, each once: so it is all of them.
        expect(count == linked, "the lists have \(count) items of \(linked)")
    }

    /// - Parameter isMain: it is `S3FIFO.main`, which marks its items.
    /// - Returns: how many items the list has.
    private func checkList(
        _ list: ItemList, _ shard: borrowing Shard, _ number: Int, linked: Int,
        isMain: Bool = false
    ) -> Int {
        var count = 0
        var previous = ChunkIndex.none
        var stamp = UInt64.max
        var chunk = list.newest
        while !chunk.isNone, count <= linked {
            let item = shard.memory[chunk]
            expect(item.state == .linked, "the list has an item that is not linked")
            expect(item.prev == previous, "the list's links disagree")
            expect(item.sequence <= shard.sequence, "an item from the future")
            expect(isFound(chunk, shard, number), "an item is not found under its hash")
            expect(item.bits.contains(.main) == isMain, "an item is in another queue's list")
            if shard.options.maximumEntries != nil {
                expect(item.stamp < stamp, "the list is not in the order of its stamps")
                stamp = item.stamp
            }
            count += 1
            previous = chunk
            chunk = item.next
        }
        expect(list.oldest == previous, "the list ends before its oldest")
        return count
    }

    private func isFound(
        _ chunk: ChunkIndex, _ shard: borrowing Shard, _ number: Int
    ) -> Bool {
        let hash = shard.hash(of: chunk)
        guard engine.shardNumber(of: hash) == number else { return false }
        var probe = shard.index.probe(hash)
        var isFound = false
        while let (candidate, _) = probe.next(in: shard.index) {
            if candidate.isNone { return false }
            isFound = isFound || candidate == chunk
        }
        return isFound
    }
}
