import Testing

@testable import CacheEngine

/// Items with a CAS value of a client's choice, and with marks, wherever they are moved.
@Suite struct ExplicitCASTests {
    private let now = Instant.seconds(100)

    private func make(_ change: (inout EngineConfiguration) -> Void = { _ in }) throws
        -> CacheEngine
    {
        var configuration = EngineConfiguration.testing(memoryLimitBytes: 2 << 20)
        change(&configuration)
        return try CacheEngine(configuration)
    }

    /// Every combination of the optional fields lies where it should.
    @Test(arguments: [nil, 1_000_000], [false, true])
    func optionalFieldsDoNotTouchEachOther(maximumEntries: Int?, isLarge: Bool) throws {
        let engine = try make { $0.maximumEntries = maximumEntries }
        let value = Noise.value(isLarge ? 40_000 : 30, variant: 8)
        for flags in [UInt32(0), 1, .max] {
            for cas in [nil, 0, UInt64.max] as [UInt64?] {
                let change: (inout StoreOptions) -> Void = {
                    $0.flags = flags
                    $0.newCAS = cas
                    $0.hasBinaryKey = flags == 1
                }
                var options = StoreOptions(mode: .set)
                change(&options)
                let result =
                    isLarge
                    ? engine.storeLarge("k", value, at: now, change)
                    : engine.store(options, "k", value, at: now)
                #expect(result?.isStored == true)
                let read = try #require(engine.metaGet("k", at: now))
                #expect(read.value == value && read.flags == flags)
                #expect(cas == nil || read.cas == cas)
                #expect(read.hasBinaryKey == (flags == 1))
                #expect(engine.violations.isEmpty)
            }
        }
    }

    /// Deleting most of what lies on the pages and then emptying some moves the rest.
    @Test(arguments: [20, 40_000]) func whatIsMovedKeepsItsCASAndItsMarks(bytes: Int) throws {
        let engine = try make()
        let count = bytes > 1_000 ? 30 : 4_000
        for number in 0..<count {
            let value = Noise.value(bytes + number % 7, variant: UInt64(number))
            let options: (inout StoreOptions) -> Void = {
                if number % 2 == 0 { $0.newCAS = UInt64(number) << 40 }
                $0.hasBinaryKey = number % 5 == 0
            }
            var store = StoreOptions(mode: .set)
            options(&store)
            let result =
                bytes > 1_000
                ? engine.storeLarge("k\(number)", value, at: now, options)
                : engine.store(store, "k\(number)", value, at: now)
            #expect(result?.isStored == true)
            if number % 3 == 0 {
                _ = engine.metaDelete("k\(number)", at: now) {
                    $0.invalidates = true
                    if number % 6 == 0 { $0.newCAS = UInt64(number) << 41 }
                }
            }
        }
        for number in 0..<count where number % 8 != 0 {
            #expect(engine.delete("k\(number)", at: now))
        }
        let kept = (0..<count).filter { $0 % 8 == 0 }
        let before = kept.map { (engine.cas("k\($0)"), engine.marks("k\($0)")) }
        let moved = engine.shards.withShard(0) { shard in
            while let page = shard.emptyPage(sparing: nil) { shard.pool.release(page) }
            return shard.counters.movedChunks
        }
        #expect(moved > 0)
        for (position, number) in kept.enumerated() {
            #expect(engine.cas("k\(number)") == before[position].0)
            #expect(engine.marks("k\(number)") == before[position].1)
            let value = Noise.value(bytes + number % 7, variant: UInt64(number))
            #expect(engine.get("k\(number)", at: now)?.value == value)
        }
        #expect(before.contains { $0.1 == [.stale, .binaryKey] })
        #expect(engine.violations.isEmpty)
    }

    /// After whatever a client chose, the engine's own values are new ones.
    @Test func noCASOfTheEnginesComesTwice() throws {
        let engine = try make { $0.shards = 2 }
        var seen: Set<UInt64> = []
        var random = TestRandom(seed: TestEnvironment.seed)
        for _ in 0..<5_000 {
            let key = "k\(random.below(20))"
            let chosen = random.isOneIn(3) ? random.next() | 1 << 63 : nil
            switch random.below(5) {
            case 0: engine.store(.set, key, "5", at: now) { $0.newCAS = chosen }
            case 1: engine.store(.append, key, "1", at: now) { $0.newCAS = chosen }
            case 2: _ = engine.adjust(key, .increment, at: now) { $0.newCAS = chosen }
            case 3:
                _ = engine.metaDelete(key, at: now) {
                    $0.invalidates = true
                    $0.newCAS = chosen
                }
            default:
                guard random.isOneIn(4) else { continue }
                _ = engine.delete(key, at: now)
                continue
            }
            guard chosen == nil, let cas = engine.cas(key), cas < 1 << 63 else { continue }
            // A command that failed has left what was there.
            if engine.metaGet(key, at: now) != nil { seen.insert(cas) }
        }
        let highest = try #require(seen.max())
        #expect(engine.store(.set, "new", "v", at: now).isStored)
        let changes = (0..<2).map { number in engine.shards.withShard(number) { $0.sequence } }
        // As many as were given are distinct: every change has one number.
        #expect(seen.count <= Int(changes.reduce(0, +)) && seen.count > 1_000)
        #expect(highest >> 1 <= changes.max() ?? 0)
    }
}
