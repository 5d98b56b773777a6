/// Looking at single items without using them.
extension CacheEngine {
    /// Shows the item under a key to `body` while its shard is locked. Nothing is counted, and it
    /// does not count as an access.
    /// - Returns: false if there is none, or it is dead.
    public func inspect(
        _ key: Span<UInt8>, _ hash: KeyHash, at now: Instant,
        _ body: (borrowing ItemView) -> Void
    ) -> Bool {
        shards.withShard(shardNumber(of: hash)) { shard in
            guard let (chunk, _) = shard.locate(key, hash), shard.death(of: chunk, at: now) == nil
            else { return false }
            body(shard.view(of: chunk))
            return true
        }
    }

    /// Shows the item that a writer fills to `body`, before it is finished.
    public func inspect(_ writer: LargeWriter, _ body: (borrowing ItemView) -> Void) {
        shards.withShard(Int(writer.item.shard)) { body($0.view(of: writer.item.head)) }
    }

    /// The number of the size class that a new item would be in, from 1; of a value in parts, that
    /// of its head.
    public func classNumber(keyLength: Int, valueLength: Int, flags: UInt32) -> Int {
        let shape = ItemShape(
            keyLength: keyLength, flags: flags, valueLength: valueLength, expiry: .never)
        var bits = shape.bits(common: configuration.maximumEntries == nil ? [] : .stamped)
        let whole = pool.classes.sizeClass(forBytes: shape.headBytes(bits))
        bits.insert(.chained)
        let sizeClass = whole ?? pool.classes.sizeClass(forBytes: shape.headBytes(bits))
        return sizeClass.map { Int($0.rawValue) + 1 } ?? 0
    }
}
