import Synchronization

/// What is told of an item that was evicted, or culled.
public struct EvictedItem: Sendable {
    public let key: [UInt8]
    public let valueLength: Int
    public let classNumber: Int
    /// It was read since it was stored.
    public let isFetched: Bool
    /// nil: it would never have expired.
    public let remainingMilliseconds: Int64?
    /// Since its last access.
    public let idleMilliseconds: Int64
}

/// A shard's evictions since they were last taken over; a bounded number, the first ones.
struct EvictionLog: Sendable {
    static let maximumItems = 256
    var items: [EvictedItem] = []
    /// What there was no room for.
    var dropped: UInt64 = 0
}

extension Shard {
    /// Notes an eviction for who wants to know. Only while `evictionLog` is there.
    mutating func logEviction(of chunk: ChunkIndex, at now: Instant) {
        shared.hasEvictions.store(true, ordering: .relaxed)
        guard let count = evictionLog?.items.count, count < EvictionLog.maximumItems else {
            evictionLog?.dropped += 1
            return
        }
        let item = memory[chunk]
        // SAFETY: the item's own key, under its shard's lock.
        let key = unsafe Array(item.keyBytes)
        let evicted = EvictedItem(
            key: key, valueLength: item.length,
            classNumber: Int(sizeClass(of: chunk).rawValue) + 1,
            isFetched: item.bits.contains(.fetched),
            remainingMilliseconds: item.expiry.remainingMilliseconds(at: now),
            idleMilliseconds: item.idleMilliseconds(at: now))
        evictionLog?.items.append(evicted)
    }
}

extension CacheEngine {
    /// Begins, or ends, to note evictions for ``takeEvictions(_:)``.
    public func logEvictions(_ isOn: Bool) {
        for number in 0..<shards.count {
            shards.withShard(number) { shard in
                if !isOn {
                    shard.evictionLog = nil
                } else if shard.evictionLog == nil {
                    shard.evictionLog = EvictionLog()
                }
            }
        }
    }

    /// Shows what was evicted since the last call, with no lock held.
    /// - Returns: how many more there were, of which nothing is known.
    public func takeEvictions(_ body: (EvictedItem) -> Void) -> UInt64 {
        guard shared.hasEvictions.exchange(false, ordering: .relaxed) else { return 0 }
        var dropped: UInt64 = 0
        for number in 0..<shards.count {
            let taken = shards.withShard(number) { shard -> EvictionLog? in
                guard let log = shard.evictionLog else { return nil }
                shard.evictionLog = EvictionLog()
                return log
            }
            guard let taken else { continue }
            taken.items.forEach(body)
            dropped += taken.dropped
        }
        return dropped
    }
}
