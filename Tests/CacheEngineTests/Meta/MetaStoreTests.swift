import Testing

@testable import CacheEngine

/// What meta commands add to storing: chosen CAS values, compared ones in every mode, items made by
/// append and prepend, values that are out of date.
@Suite struct MetaStoreTests {
    private let now = Instant.seconds(100)
    private let engine: CacheEngine

    init() throws { engine = try CacheEngine(.testing(memoryLimitBytes: 1 << 20)) }

    private func after(_ seconds: Int64) -> Expiry { .after(seconds: seconds, from: now) }
    private func text(_ key: String) -> String? {
        engine.get(key, at: now).map { String(decoding: $0.value, as: UTF8.self) }
    }

    @Test func everyModeTakesAChosenCAS() throws {
        for (number, mode) in ([.set, .add, .replace, .append, .prepend] as [StoreMode])
            .enumerated()
        {
            if mode != .add { engine.store(.set, "k", "v", at: now) }
            let chosen = UInt64.max - UInt64(number)
            let result = engine.store(mode, "k", "w", at: now) { $0.newCAS = chosen }
            guard case .stored(let cas, _) = result else {
                Issue.record("\(mode): \(result)")
                continue
            }
            #expect(cas == chosen && engine.get("k", at: now)?.cas == chosen)
            #expect(engine.store(.cas(chosen), "k", "x", at: now).isStored)
            #expect(engine.store(.cas(chosen), "k", "y", at: now) == .exists)
            #expect(engine.delete("k", at: now))
        }
        #expect(engine.violations.isEmpty)
    }

    @Test func appendAndPrependCompareTheCASIfItIsNot0() throws {
        for mode in [StoreMode.append, .prepend] {
            engine.store(.set, "k", "v", at: now)
            let cas = try #require(engine.cas("k"))
            #expect(engine.store(mode, "k", "w", at: now) { $0.comparedCAS = cas + 1 } == .exists)
            #expect(text("k") == "v")
            #expect(engine.store(mode, "k", "w", at: now) { $0.comparedCAS = cas }.isStored)
            #expect(engine.store(mode, "k", "w", at: now) { $0.comparedCAS = cas } == .exists)
            #expect(engine.store(mode, "k", "w", at: now) { $0.comparedCAS = 0 }.isStored)
            #expect(engine.delete("k", at: now))
            // There is nothing to compare with.
            #expect(engine.store(mode, "k", "w", at: now) { $0.comparedCAS = cas } == .notStored)
        }
    }

    @Test func appendAndPrependMakeAnItemIfTheyMay() throws {
        for (mode, expected) in [(StoreMode.append, "ab"), (.prepend, "ba")] {
            for value in ["a", "b"] {
                let result = engine.store(mode, "k", value, at: now) {
                    $0.vivifies = true
                    $0.flags = value == "a" ? 1 : 2
                    $0.expiry = after(value == "a" ? 30 : 60)
                    $0.comparedCAS = value == "a" ? 99 : 0
                }
                #expect(result.isStored)
            }
            let read = try #require(engine.get("k", at: now))
            #expect(text("k") == expected && read.flags == 1 && read.expiry == after(30))
            #expect(engine.delete("k", at: now))
        }
        // No other mode makes one.
        #expect(engine.store(.replace, "k", "v", at: now) { $0.vivifies = true } == .notStored)
        #expect(engine.store(.cas(1), "k", "v", at: now) { $0.vivifies = true } == .notFound)
    }

    @Test func aValueWithAnOlderCASIsStoredAsStale() throws {
        engine.store(.set, "k", "old", at: now) {
            $0.expiry = after(30)
            $0.newCAS = 100
        }
        func store(_ cas: UInt64) -> StoreResult {
            engine.store(.cas(cas), "k", "new", at: now) {
                $0.takesStale = true
                $0.expiry = after(600)
                $0.flags = 5
            }
        }
        #expect(store(101) == .exists && store(0) == .exists)
        #expect(engine.store(.cas(99), "k", "new", at: now) == .exists)
        #expect(store(99).isStored)
        let read = try #require(engine.metaGet("k", at: now))
        #expect(read.text == "new" && read.flags == 5 && read.expiry == after(30))
        #expect(read.told == "XW")
        // It is still stale then, and the winner still knows of it.
        let cas = try #require(engine.cas("k"))
        #expect(store(cas - 1).isStored)
        #expect(engine.metaGet("k", at: now)?.told == "ZX")
        // With the right CAS it is fresh.
        #expect(store(try #require(engine.cas("k"))).isStored)
        let fresh = try #require(engine.metaGet("k", at: now))
        #expect(fresh.told == "" && fresh.expiry == after(600))
        #expect(engine.violations.isEmpty)
    }

    @Test func aLargeValueThatIsStaleIsMarkedAsWell() throws {
        let value = Noise.value(60_000, variant: 7)
        engine.store(.set, "k", "old", at: now) {
            $0.expiry = after(30)
            $0.newCAS = 100
        }
        let result = engine.storeLarge("k", value, at: now) {
            $0.mode = .cas(50)
            $0.takesStale = true
            $0.newCAS = 200
            $0.hasBinaryKey = true
        }
        #expect(result == .stored(cas: 200, length: 60_000))
        let read = try #require(engine.metaGet("k", at: now))
        #expect(read.value == value && read.cas == 200 && read.expiry == after(30))
        #expect(read.told == "XW" && read.hasBinaryKey)
        #expect(engine.violations.isEmpty)
    }

    @Test func theLastToStoreSaysWhetherTheKeyIsBinary() {
        engine.store(.set, "k", "v", at: now) { $0.hasBinaryKey = true }
        // append and prepend leave it as it is.
        engine.store(.append, "k", "v", at: now)
        #expect(engine.marks("k") == .binaryKey)
        engine.store(.set, "k", "v", at: now)
        #expect(engine.marks("k") == [])
        engine.store(.append, "k", "v", at: now) { $0.hasBinaryKey = true }
        #expect(engine.marks("k") == [])
    }

    @Test func aCacheThatStoresNothingAnswersAsIfEveryKeyWereNew() throws {
        var configuration = EngineConfiguration.testing(memoryLimitBytes: 1 << 20)
        configuration.storesNothing = true
        let engine = try CacheEngine(configuration)
        for mode in [StoreMode.append, .prepend] {
            #expect(engine.store(mode, "k", "v", at: now) { $0.vivifies = true }.isStored)
            #expect(engine.store(mode, "k", "v", at: now) == .notStored)
        }
        #expect(engine.metaDelete("k", at: now) { $0.invalidates = true } == .notFound)
    }
}
