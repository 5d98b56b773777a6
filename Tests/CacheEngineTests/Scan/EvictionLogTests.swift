import Testing

@testable import CacheEngine

/// What is told of evictions, and that nothing is unless somebody asked.
@Suite struct EvictionLogTests {
    private let now = Instant.seconds(100)

    private func makeEngine(maximumEntries: Int? = nil) throws -> CacheEngine {
        var configuration = EngineConfiguration.testing(memoryLimitBytes: 1 << 20)
        configuration.maximumEntries = maximumEntries
        return try CacheEngine(configuration)
    }

    private func fill(_ engine: CacheEngine, _ count: Int, from first: Int = 0) {
        for number in first..<first + count {
            let options = StoreOptions(mode: .set, expiry: .after(seconds: 500, from: now))
            _ = engine.store(options, "key\(number)", Noise.value(1_000, variant: 1), at: now)
        }
    }

    private func taken(_ engine: CacheEngine) -> (items: [EvictedItem], dropped: UInt64) {
        var items: [EvictedItem] = []
        let dropped = engine.takeEvictions { items.append($0) }
        return (items, dropped)
    }

    @Test func nothingIsNotedUnlessItIsAskedFor() throws {
        let engine = try makeEngine()
        fill(engine, 3_000)
        #expect(engine.statistics(at: now).evicted > 1_000)
        #expect(taken(engine).items.isEmpty)
        let isThere = engine.shards.withShard(0) { $0.evictionLog != nil }
        #expect(!isThere)
    }

    @Test func evictionsAreNotedInTheirOrderWithWhatIsKnown() throws {
        let engine = try makeEngine()
        fill(engine, 1_500)
        #expect(engine.statistics(at: now).evicted > 0)
        engine.logEvictions(true)
        let before = engine.statistics(at: now).evicted
        fill(engine, 50, from: 2_000)
        let evicted = Int(engine.statistics(at: now).evicted - before)
        let (items, dropped) = taken(engine)
        #expect(items.count == evicted && evicted > 10 && dropped == 0)
        for item in items {
            #expect(item.valueLength == 1_000 && !item.isFetched)
            #expect(item.remainingMilliseconds == 500_000 && item.idleMilliseconds == 0)
            #expect(item.classNumber > 1)
            #expect(String(decoding: item.key, as: UTF8.self).hasPrefix("key"))
        }
        #expect(taken(engine).items.isEmpty)
    }

    @Test func whatNobodyTakesIsBoundedAndCounted() throws {
        let engine = try makeEngine()
        engine.logEvictions(true)
        fill(engine, 5_000)
        let evicted = engine.statistics(at: now).evicted
        let (items, dropped) = taken(engine)
        #expect(items.count == EvictionLog.maximumItems)
        #expect(UInt64(items.count) + dropped == evicted)
    }

    @Test func anEndIsAnEnd() throws {
        let engine = try makeEngine()
        engine.logEvictions(true)
        fill(engine, 3_000)
        engine.logEvictions(false)
        #expect(taken(engine).items.isEmpty)
    }

    @Test func whatIsCulledIsNotedToo() throws {
        let engine = try makeEngine(maximumEntries: 30)
        engine.logEvictions(true)
        fill(engine, 30)
        #expect(engine.store(StoreOptions(mode: .set), "one more", [1], at: now) == .mustCull)
        #expect(engine.cull(100, at: now) == .done)
        let keys = taken(engine).items.map { String(decoding: $0.key, as: UTF8.self) }
        #expect(keys == (0..<10).map { "key\($0)" })
    }
}
