import Testing

@testable import CacheEngine

/// Reclaiming the dead in slices: nothing is forgotten, wherever a slice ends.
@Suite struct SweepTests {
    private let start = Instant.seconds(100)
    private let later = Instant.seconds(200)

    private func makeEngine(maximumEntries: Int? = nil) throws -> CacheEngine {
        var configuration = EngineConfiguration.testing(memoryLimitBytes: 16 << 20)
        configuration.maximumEntries = maximumEntries
        return try CacheEngine(configuration)
    }

    private func fill(_ engine: CacheEngine, _ prefix: String, _ count: Int, seconds: Int64?) {
        let expiry = seconds.map { Expiry.after(seconds: $0, from: start) } ?? .never
        for number in 0..<count {
            let options = StoreOptions(mode: .set, expiry: expiry)
            _ = engine.store(options, "\(prefix)\(number)", [1, 2, 3], at: start)
        }
    }

    private func violations(_ engine: CacheEngine) -> [String] { InvariantCheck(engine).run() }

    @Test func everySliceLeavesTheEngineSoundAndTheLastOneNothingDead() throws {
        let engine = try makeEngine()
        fill(engine, "dies", 3_000, seconds: 50)
        fill(engine, "stays", 1_000, seconds: 500)
        fill(engine, "is for ever", 1_000, seconds: nil)
        var pass = CacheEngine.MaintenancePass()
        var slices = 1
        while !engine.maintain(&pass, at: later) {
            slices += 1
            let wrong = violations(engine)
            try #require(wrong.isEmpty && slices < 1_000)
        }
        #expect(slices > 3, "a slice is not bounded")
        let statistics = engine.statistics(at: later)
        #expect(statistics.items == 2_000 && statistics.expired == 3_000)
    }

    @Test func aFlushGivesAllPagesBack() throws {
        let engine = try makeEngine()
        fill(engine, "k", 3_000, seconds: nil)
        engine.flush()
        #expect(engine.statistics(at: start).items == 0 && engine.pool.heldPages > 0)
        engine.maintainFully(at: start)
        #expect(engine.pool.heldPages == 0 && engine.statistics(at: start).bytes == 0)
        #expect(violations(engine).isEmpty)
    }

    /// A cull begins its own sweep while another one stands in the middle of a page.
    @Test func aCullThatInterruptsASweepStillFindsAllThatExpired() throws {
        let engine = try makeEngine(maximumEntries: 3_000)
        fill(engine, "dies", 3_000, seconds: 50)
        var pass = CacheEngine.MaintenancePass()
        var isHalfDone = false
        for _ in 0..<5 where !isHalfDone {
            _ = engine.maintain(&pass, at: later)
            isHalfDone = engine.shards.withShard(0) { $0.sweepPosition > 0 }
        }
        try #require(isHalfDone, "no sweep stops within a page")
        let gone = Int(engine.statistics(at: later).expired)
        fill(engine, "new", gone, seconds: nil)
        #expect(engine.set("one more", [1], at: later) == .mustCull)
        while engine.cull(100, at: later) == .more {}
        let statistics = engine.statistics(at: later)
        #expect(statistics.expired == 3_000 && statistics.culled == 0)
        #expect(statistics.items == gone)
        #expect(violations(engine).isEmpty)
    }

    /// What is touched or stored behind the sweep is found by the next one.
    @Test func whatChangesBehindASweepIsFoundByTheNext() throws {
        let engine = try makeEngine()
        fill(engine, "dies", 2_000, seconds: 50)
        fill(engine, "stays", 500, seconds: nil)
        var pass = CacheEngine.MaintenancePass()
        _ = engine.maintain(&pass, at: later)
        let soon = Expiry.after(seconds: 10, from: later)
        for number in 0..<500 {
            #expect(engine.get("stays\(number)", touch: soon, at: later) != nil)
        }
        #expect(violations(engine).isEmpty)
        let end = Instant.seconds(300)
        engine.maintainFully(at: end)
        engine.maintainFully(at: end)
        #expect(engine.statistics(at: end).items == 0 && engine.pool.heldPages == 0)
    }
}
