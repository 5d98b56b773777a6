import Testing

@testable import CacheEngine

/// A scan of a whole engine, while it is used.
@Suite struct ScanCursorTests {
    private let now = Instant.seconds(100)

    private func makeEngine(
        shards: Int = 4, eviction: EvictionPolicy = .lru
    ) throws -> CacheEngine {
        var configuration = EngineConfiguration.testing(memoryLimitBytes: 16 << 20, shards: shards)
        configuration.eviction = eviction
        return try CacheEngine(configuration)
    }

    /// The keys of a scan in the order they are shown; `between` runs after each slice.
    private func scan(
        _ engine: CacheEngine, at now: Instant? = nil, between: () -> Void = {}
    ) -> [String] {
        var cursor = CacheEngine.ScanCursor()
        var keys: [String] = []
        while engine.scan(
            &cursor, at: now ?? self.now,
            { item in
                let key = item.key
                keys.append(String(decoding: (0..<key.count).map { key[$0] }, as: UTF8.self))
            })
        {
            between()
        }
        return keys
    }

    @Test(arguments: [1, 4, 16])
    func aScanShowsEveryItemOfEveryShardOnce(shards: Int) throws {
        let engine = try makeEngine(shards: shards)
        let keys = (0..<5_000).map { "key\($0)" }
        for key in keys { _ = engine.set(key, [1], at: now) }
        _ = engine.set("large", Noise.value(100_000, variant: 3), at: now)
        #expect(scan(engine).sorted() == (keys + ["large"]).sorted())
    }

    @Test func aScanOfAnEmptyEngineEnds() throws {
        #expect(scan(try makeEngine()).isEmpty)
    }

    @Test func whatIsDeadIsNotShown() throws {
        let engine = try makeEngine()
        let dies = StoreOptions(mode: .set, expiry: .after(seconds: 10, from: now))
        _ = engine.store(dies, "dies", [1], at: now)
        _ = engine.set("stays", [1], at: now)
        #expect(scan(engine).sorted() == ["dies", "stays"])
        #expect(scan(engine, at: .seconds(111)) == ["stays"])
        engine.flush()
        #expect(scan(engine).isEmpty)
        _ = engine.set("new", [1], at: now)
        #expect(scan(engine) == ["new"])
    }

    @Test(arguments: EvictionPolicy.allCases)
    func aScanIsNoAccess(eviction: EvictionPolicy) throws {
        let engine = try makeEngine(shards: 1, eviction: eviction)
        _ = engine.set("old", [1], at: now)
        _ = engine.set("new", [1], at: .seconds(105))
        let before = engine.statistics(at: .seconds(110))
        #expect(scan(engine, at: .seconds(110)).count == 2)
        let after = engine.statistics(at: .seconds(110))
        #expect(before.oldestAgeSeconds == 10 && after.oldestAgeSeconds == 10)
        #expect(after.crawled == before.crawled + 2)
        #expect(InvariantCheck(engine).run().isEmpty)
    }

    /// Keys that nobody touches, among others that come and go in waves; the model is a set.
    @Test(arguments: 0..<4)
    func whatStaysIsShownOnceWhileOthersComeAndGo(round: Int) throws {
        let seed = TestEnvironment.seed &+ UInt64(round)
        var random = TestRandom(seed: seed)
        let engine = try makeEngine(shards: 2)
        let stays = (0..<1_000).map { "stays\($0)" }
        for key in stays { _ = engine.set(key, [7], at: now) }
        var others: [String] = []
        var slices = 0
        let keys = scan(engine) {
            slices += 1
            let grows = (slices / 20) % 2 == 0
            for _ in 0..<100 {
                if grows {
                    others.append("other\(random.next())")
                    _ = engine.set(others[others.count - 1], [1, 2, 3], at: now)
                } else if let key = others.popLast() {
                    #expect(engine.delete(key, at: now), "seed \(seed)")
                }
            }
            // A new value of a key that stays may lie elsewhere, and is the same key.
            let length = random.below(3_000)
            let key = stays[random.below(stays.count)]
            _ = engine.set(key, Noise.value(length, variant: 1), at: now)
        }
        #expect(Set(keys).count == keys.count, "seed \(seed)")
        #expect(Set(stays).isSubset(of: keys), "seed \(seed)")
        #expect(InvariantCheck(engine).run().isEmpty)
    }

    @Test func severalScansDoNotDisturbEachOther() throws {
        let engine = try makeEngine()
        let keys = (0..<3_000).map { "key\($0)" }
        for key in keys { _ = engine.set(key, [1], at: now) }
        var inner: [String] = []
        let outer = scan(engine) {
            if inner.isEmpty { inner = scan(engine) }
        }
        #expect(outer.sorted() == keys.sorted() && inner.sorted() == keys.sorted())
    }

    /// What an inspection tells of a key; nil if it is not there.
    private struct Details: Equatable {
        var remainingMs: Int64?
        var idleMs: Int64
        var flags: UInt32
        var memcachedBytes: Int
        var classNumber: Int
        var isFetched: Bool
    }

    private func inspect(_ engine: CacheEngine, _ key: String, at now: Instant) -> Details? {
        let key = Array(key.utf8)
        var details: Details?
        let isThere = engine.inspect(key.span, engine.hash(key.span), at: now) { item in
            details = Details(
                remainingMs: item.expiry.remainingMilliseconds(at: now),
                idleMs: item.idleMilliseconds(at: now), flags: item.flags,
                memcachedBytes: item.memcachedBytes, classNumber: item.classNumber,
                isFetched: item.isFetched)
        }
        #expect(isThere == (details != nil))
        return details
    }

    @Test func anItemTellsItsDetailsAndIsNotTouchedByThat() throws {
        let engine = try makeEngine()
        let options = StoreOptions(
            mode: .set, flags: 5, expiry: .after(seconds: 50, from: now))
        _ = engine.store(options, "k", [1, 2, 3], at: now)
        let number = engine.classNumber(keyLength: 1, valueLength: 3, flags: 5)
        let expected = Details(
            remainingMs: 40_000, idleMs: 10_000, flags: 5, memcachedBytes: 48 + 8 + 2 + 4 + 5,
            classNumber: number, isFetched: false)
        #expect(inspect(engine, "k", at: .seconds(110)) == expected)
        #expect(inspect(engine, "k", at: .seconds(110)) == expected)
        #expect(engine.get("k", at: .seconds(110)) != nil)
        #expect(inspect(engine, "k", at: .seconds(110))?.isFetched == true)
        #expect(inspect(engine, "k", at: .seconds(151)) == nil)
        #expect(inspect(engine, "another", at: now) == nil)
    }

    @Test func aClassIsToldBeforeAnItemIsStored() throws {
        let engine = try makeEngine()
        for length in [0, 1, 50, 999, 3_000, 20_000, 300_000] {
            _ = engine.set("key", Noise.value(length, variant: 2), at: now)
            let told = engine.classNumber(keyLength: 3, valueLength: length, flags: 0)
            #expect(inspect(engine, "key", at: now)?.classNumber == told)
        }
    }
}
