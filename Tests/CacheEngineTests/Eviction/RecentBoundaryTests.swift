import Testing

@testable import CacheEngine

/// In a large LRU list the newest eighth stays as it is when it is read.
@Suite struct RecentBoundaryTests {
    /// However the moves lie in time, what is called recent has fewer moves before it than an
    /// eighth of the list, and a sample's width for the samples that are under way.
    @Test(arguments: [RecentBoundary.exactItems, 100_000, 1 << 20])
    func whatIsRecentIsInTheNewestEighth(items: Int) {
        var boundary = RecentBoundary()
        var random = TestRandom(seed: TestEnvironment.seed)
        var nowMs: UInt64 = 10_000
        // By tick: the number of the first move in it.
        var firstMove: [(tick: UInt32, move: Int)] = []
        for move in 0..<items {
            if random.isOneIn(40) { nowMs += UInt64(random.below(60)) }
            let now = Instant(milliseconds: nowMs)
            boundary.moved(at: now, items: items)
            if firstMove.last?.tick != now.tick { firstMove.append((now.tick, move)) }
            guard move % 5_000 == 4_999 else { continue }
            let recent = firstMove.filter { boundary.covers(tick: $0.tick, items: items) }
            guard let oldest = recent.first else { continue }
            #expect(move - oldest.move <= items / 8 + 8, "move \(move)")
            // And nothing that is newer is left out.
            #expect(recent.count == firstMove.count { $0.tick >= oldest.tick })
            if move > items / 2 { #expect(move - oldest.move >= items / 16, "move \(move)") }
        }
    }

    @Test func aSmallListHasNoRecentPart() {
        var boundary = RecentBoundary()
        for second in 10..<100 as Range<UInt64> {
            boundary.moved(at: .seconds(second), items: 10)
            let tick = Instant.seconds(second + 1_000).tick
            #expect(!boundary.covers(tick: tick, items: RecentBoundary.exactItems - 1))
        }
    }

    // -- in an engine --

    private func makeLarge() throws -> CacheEngine {
        let engine = try CacheEngine(.testing(memoryLimitBytes: 48 << 20))
        // A moment for each thousand, so that the samples differ.
        for number in 0..<70_000 {
            let now = Instant(milliseconds: 100_000 + UInt64(number / 1_000) * 100)
            _ = engine.set("k\(number)", [], at: now)
        }
        return engine
    }

    private func age(_ engine: CacheEngine, _ key: String, at now: Instant) -> UInt64? {
        engine.metaGet(key, at: now) { $0.isAccess = false }?.age
    }

    private func newest(_ engine: CacheEngine, _ count: Int) -> [String] {
        engine.shards.withShard(0) { shard in
            var keys: [String] = []
            var chunk = shard.lru.list.newest
            while !chunk.isNone, keys.count < count {
                keys.append(shard.memory[chunk].keyText)
                chunk = shard.memory[chunk].next
            }
            return keys
        }
    }

    @Test func theAgeOfTheNewestIsRightAndTheOrderIsThatOfTheMoves() throws {
        let engine = try makeLarge()
        let newest = newest(engine, 100)
        #expect(newest.prefix(3) == ["k69999", "k69998", "k69997"])
        // Read again and again for half a minute.
        var nowMs: UInt64 = 110_000
        for _ in 0..<300 {
            nowMs += 100
            #expect(engine.get("k69999", at: Instant(milliseconds: nowMs)) != nil)
            #expect(engine.get("k69950", at: Instant(milliseconds: nowMs)) != nil)
            #expect(try #require(age(engine, "k69999", at: Instant(milliseconds: nowMs))) <= 1)
        }
        // Of the others the time of the move is told.
        let told = try #require(age(engine, "k69950", at: Instant(milliseconds: nowMs)))
        #expect((32...34).contains(told))
        let idle = try #require(age(engine, "k69999", at: Instant(milliseconds: nowMs + 7_000)))
        #expect((7...8).contains(idle))
        #expect(self.newest(engine, 100) == newest)

        // What is older than an eighth of the list moves.
        #expect(engine.get("k50000", at: Instant(milliseconds: nowMs)) != nil)
        #expect(self.newest(engine, 2) == ["k50000", "k69999"])
        #expect(engine.violations.isEmpty)
    }

    /// That it was read at the front does not keep an item recent when others have come.
    @Test func whatWasTheNewestIsMovedAgainWhenAnEighthHasComeAfterIt() throws {
        let engine = try makeLarge()
        for second in 110..<120 as Range<UInt64> {
            #expect(engine.get("k69999", at: .seconds(second)) != nil)
        }
        for number in 0..<12_000 {
            let now = Instant(milliseconds: 120_000 + UInt64(number / 100) * 20)
            _ = engine.set("later \(number)", [], at: now)
        }
        #expect(newest(engine, 1) == ["later 11999"])
        #expect(engine.get("k69999", at: .seconds(130)) != nil)
        #expect(newest(engine, 2) == ["k69999", "later 11999"])
        #expect(age(engine, "k69999", at: .seconds(130)) == 0)
    }
}
