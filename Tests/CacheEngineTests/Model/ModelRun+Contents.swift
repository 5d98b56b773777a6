@testable import CacheEngine

/// What every shard holds, and in which order, compared with the model.
extension ModelRun {
    func checkContents(of number: Int) throws {
        if plan.eviction == .lru || plan.maximumEntries != nil {
            try checkOrder(of: number)
        } else {
            try checkEachKey(of: number)
        }
    }

    /// The order of use is that of the LRU list. S3-FIFO keeps it only for culling, in each of
    /// its queues: merged by their stamps they are the same list.
    private func checkOrder(of number: Int) throws {
        var key = model.newest[number]
        var wrong: String?
        engine.shards.withShard(number) { shard in
            let isLRU = plan.eviction == .lru
            var first = isLRU ? shard.lru.list.newest : shard.s3fifo.small.newest
            var second = isLRU ? ChunkIndex.none : shard.s3fifo.main.newest
            while !(first.isNone && second.isNone), key >= 0, wrong == nil {
                let isFirst =
                    second.isNone
                    || !first.isNone && shard.memory[first].stamp > shard.memory[second].stamp
                let chunk = isFirst ? first : second
                let name = keys[key]
                guard shard.memory[chunk].hasKey(name.span) else {
                    wrong = "the order of use differs at \(key)"
                    break
                }
                wrong = difference(of: chunk, shard, from: key)
                let next = shard.memory[chunk].next
                if isFirst { first = next } else { second = next }
                key = model.entries[key].older
            }
        }
        try check(wrong == nil, wrong ?? "")
        try check(key < 0, "the engine lacks key \(key)")
    }

    private func checkEachKey(of number: Int) throws {
        var wrong: String?
        engine.shards.withShard(number) { shard in
            var key = model.newest[number]
            while key >= 0, wrong == nil {
                var probe = shard.index.probe(hashes[key])
                var isThere = false
                let name = keys[key]
                while let (chunk, _) = probe.next(in: shard.index) {
                    guard shard.memory[chunk].hasKey(name.span) else { continue }
                    isThere = true
                    wrong = difference(of: chunk, shard, from: key)
                }
                if !isThere { wrong = "the engine lacks key \(key)" }
                key = model.entries[key].older
            }
        }
        try check(wrong == nil, wrong ?? "")
    }

    /// What is wrong with the item of a key; nil if nothing is.
    private func difference(
        of chunk: ChunkIndex, _ shard: borrowing Shard, from key: Int
    ) -> String? {
        let (item, entry) = (shard.memory[chunk], model.entries[key])
        if shard.cas(of: item) != entry.cas { return "key \(key) has another CAS" }
        if item.flags != entry.flags { return "key \(key) has other flags" }
        if item.bits.contains(.explicitCAS) != entry.isExplicit {
            return "key \(key) has another kind of CAS"
        }
        if item.marks != ItemMarks(entry.marks) { return "key \(key) has other marks" }
        if item.bits.contains(.fetched) != entry.isFetched { return "key \(key) fetched or not" }
        if item.expiry != entry.expiry { return "key \(key) has another expiry" }
        let view = ItemView(item: item, chunk: chunk, pool: shard.pool, shard: 0, cas: 0)
        return view.hasValue(entry.value) ? nil : "key \(key) has another value"
    }
}

extension ItemMarks {
    init(_ marks: CacheModel.Marks) {
        self = []
        if marks.isStale { insert(.stale) }
        if marks.isTokenSent { insert(.tokenSent) }
        if marks.isBinary { insert(.binaryKey) }
    }
}
