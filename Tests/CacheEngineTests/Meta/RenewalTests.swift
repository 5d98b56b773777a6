import Testing

@testable import CacheEngine

/// Who makes a new value: one reader of an item that is missing, stale, or about to expire.
@Suite struct RenewalTests {
    private let now = Instant.seconds(100)

    private func makeEngine(
        _ change: (inout EngineConfiguration) -> Void = { _ in }
    ) throws -> CacheEngine {
        var configuration = EngineConfiguration.testing(memoryLimitBytes: 1 << 20)
        change(&configuration)
        return try CacheEngine(configuration)
    }

    private func after(_ seconds: Int64) -> Expiry { .after(seconds: seconds, from: now) }

    @Test func aMissMakesNothingUnlessItIsAskedTo() throws {
        let engine = try makeEngine()
        let options: [(inout MetaGetOptions) -> Void] = [
            { _ in }, { $0.expiry = .never }, { $0.newCAS = 5 },
            { $0.recacheBefore = .after(seconds: 9, from: .seconds(100)) },
        ]
        for change in options { #expect(engine.metaGet("k", at: now, change) == nil) }
        #expect(engine.statistics(at: now).items == 0)
    }

    @Test func theFirstReaderOfAMissingKeyWinsUntilAValueComes() throws {
        let engine = try makeEngine()
        let first = engine.metaGet("k", at: now) { $0.vivifyExpiry = after(30) }
        #expect(first?.told == "W" && first?.isNew == true && first?.value == [])
        #expect(first?.expiry == after(30))
        for _ in 0..<3 {
            let next = engine.metaGet("k", at: now) { $0.vivifyExpiry = after(60) }
            #expect(next?.told == "Z" && next?.isNew == false && next?.expiry == after(30))
        }
        // It is an item as any other.
        #expect(engine.get("k", at: now)?.value == [])
        #expect(engine.store(.set, "k", "v", at: now).isStored)
        #expect(engine.metaGet("k", at: now)?.told == "")
    }

    @Test func everyWayToStoreAValueEndsARenewal() throws {
        let engine = try makeEngine()
        let modes: [StoreMode] = [.set, .replace, .append, .prepend]
        for mode in modes {
            #expect(engine.metaGet("k", at: now) { $0.vivifyExpiry = .never }?.told == "W")
            #expect(engine.store(mode, "k", "v", at: now).isStored)
            #expect(engine.metaGet("k", at: now)?.told == "", "\(mode)")
            #expect(engine.delete("k", at: now))
        }
        let made = try #require(engine.metaGet("k", at: now) { $0.vivifyExpiry = .never })
        #expect(engine.store(.cas(made.cas), "k", "v", at: now).isStored)
        #expect(engine.metaGet("k", at: now)?.told == "")
    }

    /// An expiry and a limit, in seconds from now; nil is none.
    static let recaches: [(Int64?, Int64, Bool)] = [
        (30, 31, true), (30, 30, false), (30, 29, false), (30, 0, false), (30, -1, false),
        (nil, 1_000_000, false), (1, 2, true), (30, .max, false),
    ]

    @Test(arguments: recaches)
    func whoFindsAnItemThatExpiresBeforeTheLimitWins(ttl: Int64?, limit: Int64, wins: Bool) throws {
        let engine = try makeEngine()
        engine.store(.set, "k", "v", at: now) { if let ttl { $0.expiry = after(ttl) } }
        let read = engine.metaGet("k", at: now) { $0.recacheBefore = after(limit) }
        #expect(read?.told == (wins ? "W" : "") && read?.text == "v")
        let second = engine.metaGet("k", at: now) { $0.recacheBefore = after(limit) }
        #expect(second?.told == (wins ? "Z" : ""))
    }

    /// The order of the request's flags decides.
    @Test func theExpiryToCompareWithIsTheNewOneIfThatIsSaid() throws {
        let engine = try makeEngine()
        for (old, new, wins) in [(30, 300, false), (300, 30, true)] as [(Int64, Int64, Bool)] {
            engine.store(.set, "k", "v", at: now) { $0.expiry = after(old) }
            let read = engine.metaGet("k", at: now) {
                $0.expiry = after(new)
                $0.recacheBefore = after(100)
                $0.recachesByNewExpiry = true
            }
            #expect(read?.isWon == wins && read?.expiry == after(old))
            #expect(engine.metaGet("k", at: now)?.expiry == after(new))
        }
    }

    @Test func oneReaderOfAStaleItemWins() throws {
        let engine = try makeEngine()
        engine.store(.set, "k", "v", at: now)
        for _ in 0..<2 {
            // Another invalidation asks for another value.
            #expect(engine.metaDelete("k", at: now) { $0.invalidates = true } == .deleted)
            #expect(engine.metaGet("k", at: now)?.told == "XW")
            #expect(engine.metaGet("k", at: now)?.told == "ZX")
            #expect(engine.metaGet("k", at: now) { $0.recacheBefore = after(9) }?.told == "ZX")
        }
        // The classic commands serve it, and give nobody the right.
        #expect(engine.get("k", at: now)?.value == [UInt8(ascii: "v")])
        engine.store(.set, "k", "w", at: now)
        #expect(engine.metaGet("k", at: now)?.told == "")
    }

    @Test func aReadThatIsNoAccessLeavesNoTrace() throws {
        let engine = try makeEngine()
        for key in ["a", "b"] { engine.store(.set, key, key, at: now) }
        let later = Instant.seconds(160)
        #expect(engine.metaGet("a", at: later) { $0.isAccess = false }?.age == 60)
        let read = engine.metaGet("a", at: later) { $0.isAccess = false }
        #expect(read?.wasFetched == false && read?.age == 60)
        #expect(engine.newestKeys == ["b", "a"])
        #expect(engine.metaGet("a", at: later)?.wasFetched == false)
        #expect(engine.metaGet("a", at: later)?.wasFetched == true)
        #expect(engine.metaGet("a", at: later)?.age == 0)
        #expect(engine.newestKeys == ["a", "b"])
    }

    @Test func makingAnItemIsNoHitToThePolicy() throws {
        let rig = try QueueRig()
        for name in ["read", "made"] {
            _ = rig.engine.metaGet(name, at: rig.now) { $0.vivifyExpiry = .never }
        }
        _ = rig.engine.metaGet("read", at: rig.now)
        #expect(rig.hits("made") == 0 && rig.hits("read") == 1)
        #expect(rig.violations.isEmpty)
    }

    @Test func aCacheThatIsFullByCountMakesNoItemBeforeACull() throws {
        let engine = try makeEngine { $0.maximumEntries = 2 }
        for key in ["a", "b"] { engine.store(.set, key, key, at: now) }
        var options = MetaGetOptions()
        options.vivifyExpiry = .never
        let key = Array("k".utf8)
        func get(mayExceed: Bool) -> MetaGetResult {
            engine.metaGet(
                key.span, engine.hash(key.span), options, mayExceed: mayExceed, at: now
            ) { _, _ in }
        }
        #expect(get(mayExceed: false) == .mustCull)
        #expect(engine.statistics(at: now).items == 2)
        #expect(get(mayExceed: true) == .hit)
        // What is there needs no room.
        #expect(get(mayExceed: false) == .hit)
        #expect(engine.violations.isEmpty)
    }

    @Test func aCacheThatStoresNothingMakesNoItem() throws {
        let engine = try makeEngine { $0.storesNothing = true }
        #expect(engine.metaGet("k", at: now) { $0.vivifyExpiry = .never } == nil)
    }

    @Test func aMadeItemHasTheCASAndTheKeyOfItsRequest() throws {
        let engine = try makeEngine()
        let made = engine.metaGet("k", at: now) {
            $0.vivifyExpiry = .never
            $0.newCAS = .max
            $0.hasBinaryKey = true
        }
        #expect(made?.cas == .max && made?.hasBinaryKey == true)
        // What is there keeps them.
        let read = engine.metaGet("k", at: now) {
            $0.vivifyExpiry = .never
            $0.newCAS = 1
        }
        #expect(read?.cas == .max && read?.hasBinaryKey == true)
    }
}

extension CacheEngine {
    /// The keys of the first shard's LRU list, newest first.
    var newestKeys: [String] {
        shards.withShard(0) { shard in
            var keys: [String] = []
            var chunk = shard.lru.list.newest
            while !chunk.isNone {
                keys.append(shard.memory[chunk].keyText)
                chunk = shard.memory[chunk].next
            }
            return keys
        }
    }
}
