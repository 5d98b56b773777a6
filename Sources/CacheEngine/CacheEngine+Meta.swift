/// The commands that can do more than the classic ones: what `mg` and `md` ask for.
extension CacheEngine {
    /// Looks a key up and, on a hit, shows the item as it was before, while the shard is locked.
    /// - Parameter mayExceed: true for the retry after a cull that had nothing to drop.
    /// - Complexity: O(1).
    public func metaGet(
        _ key: Span<UInt8>, _ hash: KeyHash, _ options: MetaGetOptions, mayExceed: Bool = false,
        at now: Instant, _ body: (borrowing ItemView, MetaGetOutcome) -> Void
    ) -> MetaGetResult {
        func show(_ chunk: ChunkIndex, isNew: Bool, _ shard: inout Shard) -> MetaGetResult {
            let outcome = shard.renewal(of: chunk, options, isNew: isNew)
            body(shard.view(of: chunk), outcome)
            shard.metaHit(chunk, options, outcome, at: now)
            return .hit
        }
        guard let expiry = options.vivifyExpiry, !configuration.storesNothing else {
            return shards.withShard(shardNumber(of: hash)) { shard in
                let found = shard.find(key, hash, at: now)
                guard case .hit(let chunk, _) = found else { return .miss(found.result) }
                return show(chunk, isNew: false, &shard)
            }
        }
        let shape = ItemShape(
            keyLength: key.count, flags: 0, explicitCAS: options.newCAS, valueLength: 0,
            expiry: expiry, marks: options.hasBinaryKey ? .binaryKey : [])
        return retryingForMemory(hash, failure: .outOfMemory, at: now) { shard in
            if case .hit(let chunk, _) = shard.find(key, hash, at: now) {
                return show(chunk, isNew: false, &shard)
            }
            guard shard.reserveEntry(mayExceed: mayExceed) else { return .mustCull }
            guard let made = shard.vivify(shape, key, hash, at: now) else { return .outOfMemory }
            return show(made, isNew: true, &shard)
        }
    }

    /// Removes, invalidates or empties an item.
    public func metaDelete(
        _ key: Span<UInt8>, _ hash: KeyHash, _ options: MetaDeleteOptions, at now: Instant
    ) -> MetaDeleteResult {
        retryingForMemory(hash, failure: .outOfMemory, at: now) { shard in
            shard.metaDelete(key, hash, options, at: now)
        }
    }
}
