@testable import CacheEngine

/// The LRU list and the index know exactly the same items.
extension InvariantCheck {
    func checkList(_ shard: borrowing Shard, _ number: Int, linked: Int) {
        expect(shard.index.count == linked, "\(linked) items, \(shard.index.count) in the index")
        var count = 0
        var previous = ChunkIndex.none
        var stamp = UInt64.max
        var chunk = shard.newest
        while !chunk.isNone, count <= linked {
            let item = shard.memory[chunk]
            expect(item.state == .linked, "the list has an item that is not linked")
            expect(item.prev == previous, "the list's links disagree")
            expect(item.sequence <= shard.sequence, "an item from the future")
            expect(isFound(chunk, shard, number), "an item is not found under its hash")
            if shard.options.maximumEntries != nil {
                expect(item.stamp < stamp, "the list is not in the order of its stamps")
                stamp = item.stamp
            }
            count += 1
            previous = chunk
            chunk = item.next
        }
        // As many as are linked on the pages, each once: so it is all of them.
        expect(count == linked, "the list has \(count) items of \(linked)")
        expect(shard.oldest == previous, "the list ends before its oldest")
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
