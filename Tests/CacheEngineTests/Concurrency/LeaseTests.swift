import Testing

@testable import CacheEngine

/// Many readers race for the right to make a new value; one of them has it.
@Suite struct LeaseTests {
    private let now = Instant.seconds(100)
    private let keys = 60
    private let threads = 24

    private func makeEngine() throws -> CacheEngine {
        try CacheEngine(.testing(memoryLimitBytes: 4 << 20, shards: 4))
    }

    /// All threads read all keys; returns how many won each.
    private func race(
        _ engine: CacheEngine, _ options: MetaGetOptions
    ) -> (winners: [Int], told: Int) {
        let won = Collected<Int>()
        let told = Collected<Int>()
        Threads.run(threads) { [keys, now] thread in
            var own: [Int] = []
            for position in 0..<keys {
                // Not all in the same order.
                let key = (position + thread * 7) % keys
                guard let read = engine.metaGet("k\(key)", at: now, { $0 = options }) else {
                    continue
                }
                if read.isWon { own.append(key) }
                if read.isTokenSent { told.add(key) }
            }
            won.add(own)
        }
        return ((0..<keys).map { key in won.all.count { $0 == key } }, told.all.count)
    }

    private func expectOneEach(_ engine: CacheEngine, _ options: MetaGetOptions, _ what: String) {
        let (winners, told) = race(engine, options)
        #expect(winners == Array(repeating: 1, count: keys), "\(what)")
        #expect(told == keys * (threads - 1), "\(what)")
        // And nobody else before a new value comes.
        #expect(race(engine, options).winners.allSatisfy { $0 == 0 }, "\(what)")
    }

    @Test func oneReaderWinsForEachRenewal() throws {
        let engine = try makeEngine()
        var vivifying = MetaGetOptions()
        vivifying.vivifyExpiry = .after(seconds: 30, from: now)
        expectOneEach(engine, vivifying, "missing")

        var recaching = MetaGetOptions()
        recaching.recacheBefore = .after(seconds: 60, from: now)
        for key in 0..<keys {
            engine.store(.set, "k\(key)", "v", at: now) {
                $0.expiry = .after(seconds: 30, from: .seconds(100))
            }
        }
        expectOneEach(engine, recaching, "about to expire")

        for key in 0..<keys {
            #expect(engine.metaDelete("k\(key)", at: now) { $0.invalidates = true } == .deleted)
        }
        expectOneEach(engine, MetaGetOptions(), "stale")
        #expect(InvariantCheck(engine).run().isEmpty)
    }

    /// Each change gives a new CAS value and asks for one winner: no two win with the same.
    @Test func noTwoReadersWinTheSameRenewalWhileValuesComeAndGo() throws {
        let engine = try makeEngine()
        let won = Collected<UInt64>()
        let now = now
        Threads.run(threads) { thread in
            var random = TestRandom(seed: TestEnvironment.seed &+ UInt64(thread))
            var own: [UInt64] = []
            for _ in 0..<400 {
                let key = "k\(random.below(3))"
                let read = engine.metaGet(key, at: now) {
                    $0.vivifyExpiry = .after(seconds: 30, from: now)
                    $0.recacheBefore = .after(seconds: 60, from: now)
                }
                guard let read, read.isWon else { continue }
                own.append(read.cas)
                switch random.below(4) {
                case 0: _ = engine.metaDelete(key, at: now) { $0.invalidates = true }
                case 1: _ = engine.delete(key, at: now)
                default:
                    // It fails if another one was faster, who gave the next renewal its CAS.
                    engine.store(.cas(read.cas), key, "value of \(thread)", at: now) {
                        $0.expiry = .after(seconds: 30, from: now)
                    }
                }
            }
            won.add(own)
        }
        let all = won.all
        #expect(all.count > 100)
        #expect(Set(all).count == all.count, "two won the same renewal")
        #expect(InvariantCheck(engine).run().isEmpty)
    }
}
