/// Looking at what is stored, for operators.
extension CacheEngine {
    /// One item of a dump.
    public struct DumpedItem: Sendable {
        public let key: [UInt8]
        public let valueLength: Int
        public let expiry: Expiry
    }

    /// Items of a size class, numbered as in ``ClassStatistics``, in no particular order.
    /// - Parameters:
    ///   - limit: how many at most; 0 for as many as there is room for.
    ///   - keyBytes: stops when the keys together have this many bytes.
    /// - Complexity: O(chunks looked at), a shard at a time under its lock.
    public func dump(
        classNumber: Int, limit: Int, keyBytes: Int, at now: Instant
    ) -> [DumpedItem] {
        var found: [DumpedItem] = []
        var bytes = 0
        for number in 0..<shards.count {
            shards.withShard(number) { shard in
                shard.visitItems(ofClass: classNumber - 1, at: now) { item in
                    guard limit == 0 || found.count < limit, bytes < keyBytes else {
                        return false
                    }
                    // SAFETY: the item's own key, under its shard's lock.
                    let key = unsafe Array(item.keyBytes)
                    found.append(
                        DumpedItem(key: key, valueLength: item.length, expiry: item.expiry))
                    bytes += key.count
                    return true
                }
            }
        }
        return found
    }
}

extension Shard {
    /// Visits the live items of a class until `body` returns false.
    func visitItems(ofClass classNumber: Int, at now: Instant, _ body: (Item) -> Bool) {
        var page = firstOwned
        var goesOn = true
        while !page.isNone, goesOn {
            if Int(pool.pages[page].sizeClass.rawValue) == classNumber {
                forEachChunk(on: page) { chunk in
                    if memory[chunk].state == .linked, death(of: chunk, at: now) == nil {
                        goesOn = body(memory[chunk])
                    }
                    return goesOn
                }
            }
            page = pool.pages[page].nextOwned
        }
    }
}
