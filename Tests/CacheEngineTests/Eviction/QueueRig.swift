@testable import CacheEngine

/// An engine of one shard with S3-FIFO, and a look at its queues.
final class QueueRig {
    let engine: CacheEngine
    let now = Instant.seconds(100)

    init(maximumEntries: Int? = nil) throws {
        var configuration = EngineConfiguration.testing(memoryLimitBytes: 1 << 20)
        configuration.eviction = .s3fifo
        configuration.maximumEntries = maximumEntries
        engine = try CacheEngine(configuration)
    }

    @discardableResult
    func set(_ key: String, bytes: Int, variant: UInt64 = 1) -> StoreResult {
        engine.set(key, Noise.value(bytes, variant: variant), at: now)
    }

    func extend(_ mode: StoreMode, _ key: String, bytes: Int) -> StoreResult {
        engine.store(StoreOptions(mode: mode), key, Noise.value(bytes, variant: 1), at: now)
    }

    func get(_ keys: String...) { for key in keys { _ = engine.get(key, at: now) } }

    var small: [String] { keys(engine.shards.withShard(0) { $0.s3fifo.small }) }
    var main: [String] { keys(engine.shards.withShard(0) { $0.s3fifo.main }) }

    /// Oldest first.
    private func keys(_ list: ItemList) -> [String] {
        var keys: [String] = []
        var chunk = list.oldest
        while !chunk.isNone {
            keys.append(engine.pool.memory[chunk].keyText)
            chunk = engine.pool.memory[chunk].prev
        }
        return keys
    }

    /// The item of a key, dead or alive, without an access.
    private func bits(_ key: String) -> ItemBits? {
        let name = Array(key.utf8)
        let hash = engine.hash(name.span)
        return engine.shards.withShard(0) { shard in
            var probe = shard.index.probe(hash)
            while let (chunk, _) = probe.next(in: shard.index) {
                if shard.memory[chunk].hasKey(name.span) { return shard.memory[chunk].bits }
            }
            return nil
        }
    }

    func holds(_ key: String) -> Bool { bits(key) != nil }
    func hits(_ key: String) -> UInt8? { bits(key)?.hits }

    /// Puts an item at the front of `main`.
    func promote(_ key: String, hits: UInt8) {
        let name = Array(key.utf8)
        let hash = engine.hash(name.span)
        engine.shards.withShard(0) { shard in
            guard case .hit(let chunk, _) = shard.find(name.span, hash, at: now) else { return }
            shard.delist(chunk)
            shard.memory[chunk].bits.insert(.main)
            shard.memory[chunk].bits.hits = hits
            shard.enlist(chunk, hash, at: now)
        }
    }

    var evicted: Int { Int(engine.statistics(at: now).evicted) }

    /// Values of `bytes` until something is evicted; returns the keys, oldest first.
    @discardableResult
    func fill(bytes: Int = 1_000) -> [String] {
        var keys: [String] = []
        let before = evicted
        while evicted == before {
            keys.append("fill \(10_000 + keys.count)")
            set(keys[keys.count - 1], bytes: bytes)
        }
        return keys
    }

    var violations: [String] { InvariantCheck(engine).run() }
}

extension Item {
    /// The key as text.
    var keyText: String {
        // SAFETY: the key of a linked item, under the shard's lock.
        unsafe String(decoding: keyBytes, as: UTF8.self)
    }
}
