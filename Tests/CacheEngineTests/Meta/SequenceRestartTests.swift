import Testing

@testable import CacheEngine

/// The numbers of changes have 45 bits, and begin again: what was flushed stays dead, what is live
/// stays alive, and later flushes reach it.
@Suite struct SequenceRestartTests {
    private let now = Instant.seconds(100)

    private func make(_ policy: EvictionPolicy = .lru) throws -> CacheEngine {
        var configuration = EngineConfiguration.testing(memoryLimitBytes: 4 << 20)
        configuration.eviction = policy
        return try CacheEngine(configuration)
    }

    private func setSequence(_ engine: CacheEngine, left: UInt64) {
        engine.shards.withShard(0) { $0.sequence = ItemLayout.sequenceMask - left }
    }

    private func sequence(_ engine: CacheEngine) -> UInt64 {
        engine.shards.withShard(0) { $0.sequence }
    }

    private func value(_ number: Int) -> [UInt8] {
        Noise.value(number % 9 == 0 ? 20_000 : number % 50, variant: UInt64(number))
    }

    @Test(arguments: EvictionPolicy.allCases)
    func nothingFlushedComesBackAndNothingLiveIsLost(policy: EvictionPolicy) throws {
        let engine = try make(policy)
        setSequence(engine, left: 150)
        for number in 0..<100 { _ = engine.set("flushed \(number)", value(number), at: now) }
        engine.flush()
        for number in 0..<40 { _ = engine.set("live \(number)", value(number), at: now) }
        #expect(sequence(engine) > 1 << 40)
        for number in 0..<40 { _ = engine.set("late \(number)", value(number), at: now) }
        #expect(sequence(engine) < 1_000)
        for number in 0..<100 { #expect(engine.get("flushed \(number)", at: now) == nil) }
        for number in 0..<40 {
            #expect(engine.get("live \(number)", at: now)?.value == value(number))
            #expect(engine.get("late \(number)", at: now)?.value == value(number))
        }
        #expect(engine.statistics(at: now).items == 80)
        #expect(engine.violations.isEmpty)
    }

    /// Items from before the restart are older than the flush, whatever their numbers were.
    @Test func aFlushAfterwardsReachesWhatIsOlder() throws {
        let engine = try make()
        setSequence(engine, left: 20)
        for number in 0..<40 { _ = engine.set("k\(number)", value(number), at: now) }
        #expect(sequence(engine) < 1_000)
        engine.flush()
        for number in 0..<40 { #expect(engine.get("k\(number)", at: now) == nil) }
        _ = engine.set("new", [1], at: now)
        #expect(engine.get("new", at: now)?.value == [1])
        engine.maintainFully(at: now)
        #expect(engine.statistics(at: now).items == 1)
        #expect(engine.violations.isEmpty)
    }

    @Test func aCASFromBeforeTheRestartMatchesNothing() throws {
        let engine = try make()
        setSequence(engine, left: 2)
        engine.store(.set, "k", "v", at: now)
        engine.store(.set, "chosen", "v", at: now) { $0.newCAS = 1 << 60 }
        let before = try #require(engine.cas("k"))
        engine.store(.set, "other", "v", at: now)
        #expect(sequence(engine) < 10)
        #expect(engine.store(.cas(before), "k", "w", at: now) == .exists)
        let after = try #require(engine.cas("k"))
        #expect(engine.store(.cas(after), "k", "w", at: now).isStored)
        #expect(engine.store(.cas(after), "k", "w", at: now) == .exists)
        // A client's own is the client's.
        #expect(engine.cas("chosen") == 1 << 60)
    }

    /// The very command that has no number left, whichever it is.
    @Test func everyCommandThatChangesSomethingCanRestart() throws {
        let engine = try make()
        let commands: [(String, (CacheEngine) -> Bool)] = [
            ("set", { $0.store(.set, "k", "5", at: .seconds(100)).isStored }),
            ("set of another length", { $0.store(.set, "k", "567", at: .seconds(100)).isStored }),
            ("append", { $0.store(.append, "k", "5", at: .seconds(100)).isStored }),
            ("incr", { $0.adjust("k", .increment, by: 1, at: .seconds(100)).number != nil }),
            (
                "md I",
                { $0.metaDelete("k", at: .seconds(100)) { $0.invalidates = true } == .deleted }
            ),
            (
                "md I E",
                {
                    $0.metaDelete("k", at: .seconds(100)) {
                        $0.invalidates = true
                        $0.newCAS = 5
                    } == .deleted
                }
            ),
            ("mg N", { $0.metaGet("n", at: .seconds(100)) { $0.vivifyExpiry = .never } != nil }),
            (
                "large",
                { $0.storeLarge("big", Noise.value(90_000, variant: 1), at: .seconds(100)) != nil }
            ),
        ]
        for (name, command) in commands {
            for number in 0..<60 { _ = engine.set("f\(number)", value(number), at: now) }
            engine.flush()
            engine.store(.set, "k", "5", at: now)
            engine.store(.set, "stays", "here", at: now)
            setSequence(engine, left: 0)
            #expect(command(engine), "\(name)")
            #expect(sequence(engine) < 10, "\(name)")
            #expect(engine.get("stays", at: now) != nil && engine.get("f1", at: now) == nil)
            #expect(engine.shards.withShard(0) { $0.flushedItems } == 0)
            #expect(engine.violations.isEmpty, "\(name)")
            for key in ["n", "big"] { _ = engine.delete(key, at: now) }
        }
    }

    /// The head of a chain lies on the page that is looked at, and its pieces are all that the next
    /// page has: that one is given up with the removal, and others follow it.
    @Test func aPageThatIsGivenUpOnTheWayLeavesNothingFlushedBehind() throws {
        let engine = try make()
        let small = Noise.value(10, variant: 1)
        let long = engine.largestChunkBytes - 60
        // A page for large chunks; then one for small ones that has no room left, and another.
        _ = engine.set("first", small, at: now)
        _ = engine.set("long", Noise.value(long, variant: 1), at: now)
        var number = 0
        while engine.shards.withShard(0, { $0.pageCount }) < 3 {
            _ = engine.set("k\(1_000 + number)", small, at: now)
            number += 1
        }
        _ = engine.set("chain", Noise.value(3 * long, variant: 1), at: now)
        #expect(engine.delete("long", at: now))
        let pages = engine.shards.withShard(0) { $0.pageCount }
        engine.flush()
        _ = engine.set("live", small, at: now)
        setSequence(engine, left: 0)
        _ = engine.set("late", small, at: now)
        #expect(engine.shards.withShard(0) { $0.pageCount } < pages)
        #expect(engine.shards.withShard(0) { $0.index.count } == 2)
        #expect(engine.get("k1000", at: now) == nil && engine.get("live", at: now)?.value == small)
        #expect(engine.violations.isEmpty)
    }

    /// The same with whatever comes about.
    @Test func pagesThatAreFreedOnTheWayLeaveNothingFlushedBehind() throws {
        let engine = try make()
        var random = TestRandom(seed: TestEnvironment.seed)
        for round in 0..<60 {
            for _ in 0..<120 {
                let key = "k\(random.below(60))"
                let bytes = random.isOneIn(3) ? random.between(900, 30_000) : random.below(200)
                _ = engine.set(key, Noise.value(bytes, variant: random.next()), at: now)
            }
            engine.flush()
            for number in 0..<5 { _ = engine.set("live \(number)", [UInt8(number)], at: now) }
            setSequence(engine, left: 0)
            _ = engine.set("live 5", [5], at: now)
            #expect(engine.shards.withShard(0) { $0.index.count } == 6, "round \(round)")
            for number in 0..<6 {
                #expect(engine.get("live \(number)", at: now)?.value == [UInt8(number)])
            }
            #expect(engine.violations.isEmpty)
        }
    }
}
