import Glibc

@testable import CacheEngine

extension EngineConfiguration {
    /// A small engine with a hash that every run repeats.
    static func testing(memoryLimitBytes: Int, shards: Int = 1) -> EngineConfiguration {
        var configuration = EngineConfiguration(
            memoryLimitBytes: memoryLimitBytes, hashSeed: (0x0706_0504_0302_0100, 42))
        configuration.shards = shards
        configuration.reservedBytes = 64 << 20
        return configuration
    }
}

extension Instant {
    static func seconds(_ seconds: UInt64) -> Instant { Instant(milliseconds: seconds * 1000) }
}

/// What a test reads of an item.
struct ReadItem: Equatable {
    var value: [UInt8]
    var flags: UInt32
    var cas: UInt64
    var expiry: Expiry
}

extension CacheEngine {
    func set(_ key: String, _ value: [UInt8], at now: Instant) -> StoreResult {
        store(StoreOptions(mode: .set), key, value, at: now)
    }

    func store(
        _ options: StoreOptions, _ key: String, _ value: [UInt8], mayExceed: Bool = false,
        at now: Instant
    ) -> StoreResult {
        let key = Array(key.utf8)
        return store(
            options, key: key.span, hash(key.span), value: value.span, mayExceed: mayExceed,
            at: now)
    }

    func get(_ key: String, touch: Expiry? = nil, at now: Instant) -> ReadItem? {
        let key = Array(key.utf8)
        var found: ReadItem?
        _ = retrieve(key.span, hash(key.span), touch: touch, at: now) { view in
            found = ReadItem(
                value: view.wholeValue, flags: view.flags, cas: view.cas, expiry: view.expiry)
        }
        return found
    }

    func delete(_ key: String, at now: Instant) -> Bool {
        let key = Array(key.utf8)
        return delete(key.span, hash(key.span), at: now)
    }

    func adjust(
        _ key: String, _ direction: CounterDirection, by delta: UInt64, at now: Instant
    ) -> CounterResult {
        let key = Array(key.utf8)
        return adjust(key.span, hash(key.span), direction, by: delta, at: now)
    }

    /// Whether index and list know the key, dead or alive. Changes nothing: no order, no counter.
    func holds(_ key: Span<UInt8>, _ hash: KeyHash) -> Bool {
        peek(key, hash) { _, _ in true } ?? false
    }

    /// Shows the item of a key, dead or alive, and changes nothing; nil if there is none.
    func peek<Result>(
        _ key: Span<UInt8>, _ hash: KeyHash, _ body: (Item, borrowing Shard) -> Result
    ) -> Result? {
        shards.withShard(shardNumber(of: hash)) { shard in
            var probe = shard.index.probe(hash)
            while let (chunk, _) = probe.next(in: shard.index) {
                if shard.memory[chunk].hasKey(key) { return body(shard.memory[chunk], shard) }
            }
            return nil
        }
    }

    /// What is charged for the indices of all shards, ghosts included.
    var indexBytes: Int {
        (0..<shards.count).reduce(0) { sum, number in
            sum + shards.withShard(number) { $0.index.bytes + $0.s3fifo.bytes }
        }
    }

    /// Maintains until a pass is complete, or the limit turns out to be out of reach.
    func maintainFully(at now: Instant) {
        var pass = MaintenancePass()
        for _ in 0..<1_000_000 where maintain(&pass, at: now) { return }
    }
}

extension ItemView {
    var wholeValue: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(valueLength)
        if isChained {
            forEachPart { part in
                unsafe part.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
            }
        } else {
            unsafe inlineValue.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    func hasValue(_ expected: [UInt8]) -> Bool {
        guard valueLength == expected.count else { return false }
        guard isChained else { return isEqual(inlineValue, expected, at: 0) }
        var offset = 0
        var same = true
        forEachPart { part in
            same = same && isEqual(part, expected, at: offset)
            offset += part.count
        }
        return same && offset == expected.count
    }
}

/// Whether `part` is what `whole` has from `offset` on. A loop in a debug build would take
/// most of a test's time.
func isEqual(_ part: Span<UInt8>, _ whole: [UInt8], at offset: Int) -> Bool {
    guard offset + part.count <= whole.count else { return false }
    guard part.count > 0 else { return true }
    return unsafe part.withUnsafeBytes { left in
        unsafe whole.withUnsafeBytes { right in
            guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else {
                return false
            }
            // SAFETY: checked above that `whole` is long enough.
            return unsafe memcmp(leftStart, rightStart + offset, left.count) == 0
        }
    }
}
