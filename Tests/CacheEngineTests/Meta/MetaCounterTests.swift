import Testing

@testable import CacheEngine

/// What meta commands add to incr and decr.
@Suite struct MetaCounterTests {
    private let now = Instant.seconds(100)

    private func makeEngine() throws -> CacheEngine {
        try CacheEngine(.testing(memoryLimitBytes: 1 << 20))
    }

    private func after(_ seconds: Int64) -> Expiry { .after(seconds: seconds, from: now) }

    private func value(_ result: CounterResult) throws -> CounterValue {
        guard case .value(let value) = result else {
            Issue.record("\(result)")
            throw ModelMismatch(description: "\(result)")
        }
        return value
    }

    @Test func aMissingCounterIsMadeOnlyWithAnInitialValue() throws {
        let engine = try makeEngine()
        #expect(engine.adjust("n", .increment, at: now) { $0.newCAS = 1 } == .notFound)
        let made = try value(
            engine.adjust("n", .increment, by: 5, at: now) { $0.initial = (.max, after(30)) })
        #expect(made.value == .max && made.isNew && made.oldExpiry == .never)
        #expect(engine.get("n", at: now)?.expiry == after(30))
        // The delta counts from the second time on, and the initial value no more.
        let next = try value(
            engine.adjust("n", .increment, by: 5, at: now) { $0.initial = (7, after(99)) })
        #expect(next.value == 4 && !next.isNew && next.oldExpiry == after(30))
        #expect(engine.get("n", at: now)?.expiry == after(30))
        #expect(engine.violations.isEmpty)
    }

    @Test func aNewExpiryIsGivenAndTheOldOneTold() throws {
        let engine = try makeEngine()
        engine.store(.set, "n", "5", at: now) { $0.expiry = after(30) }
        let read = try value(engine.adjust("n", .decrement, at: now) { $0.expiry = after(60) })
        #expect(read.oldExpiry == after(30))
        #expect(engine.get("n", at: now)?.expiry == after(60))
        _ = try value(engine.adjust("n", .decrement, at: now) { $0.expiry = .past })
        #expect(engine.get("n", at: now) == nil)
    }

    /// In memcached's order: an empty value, the CAS, and only then what is no number.
    @Test func theCASIsComparedBeforeTheValueIsRead() throws {
        let engine = try makeEngine()
        for (stored, expected) in [
            ("", CounterResult.notNumeric), ("x", .exists), ("5", .exists),
        ] {
            engine.store(.set, "n", stored, at: now)
            #expect(
                engine.adjust("n", .increment, at: now) { $0.comparedCAS = 1 << 60 } == expected)
        }
        let cas = try #require(engine.cas("n"))
        #expect(
            try value(engine.adjust("n", .increment, at: now) { $0.comparedCAS = cas }).value == 6)
        #expect(engine.adjust("n", .increment, at: now) { $0.comparedCAS = cas } == .exists)
        #expect(engine.get("n", at: now)?.value == [UInt8(ascii: "6")])
    }

    @Test func aChosenCASIsToldAndKeptUntilTheNextChange() throws {
        let engine = try makeEngine()
        engine.store(.set, "n", "5", at: now)
        let own = try #require(engine.cas("n"))
        for chosen in [UInt64(0), 77, .max] {
            let read = try value(engine.adjust("n", .increment, at: now) { $0.newCAS = chosen })
            #expect(read.cas == chosen && engine.cas("n") == chosen)
        }
        let next = try value(engine.adjust("n", .increment, at: now) { _ in })
        #expect(next.cas > own && next.cas < .max && engine.cas("n") == next.cas)
        #expect(next.value == 9)
        #expect(engine.violations.isEmpty)
    }

    @Test func marksStayWhileTheDigitsFit() throws {
        let engine = try makeEngine()
        engine.store(.set, "n", "98", at: now) { $0.hasBinaryKey = true }
        #expect(engine.metaDelete("n", at: now) { $0.invalidates = true } == .deleted)
        _ = engine.adjust("n", .increment, by: 1, at: now)
        #expect(engine.marks("n") == [.stale, .binaryKey])
        // With room for the CAS made on the way as well.
        _ = engine.adjust("n", .decrement, by: 1, at: now) { $0.newCAS = 4 }
        #expect(engine.marks("n") == [.stale, .binaryKey])
        // A longer number is a new value.
        _ = engine.adjust("n", .increment, by: 100, at: now)
        #expect(engine.marks("n") == .binaryKey)
    }

    /// A number and much white space just fit in one chunk; the CAS value takes 8 bytes of it, and
    /// the value lies in a chain then. Nothing beside it may be written to.
    @Test func aCounterThatLosesItsRoomToACASIsPaddedInItsChain() throws {
        let engine = try makeEngine()
        let largest = engine.largestChunkBytes
        for spare in 0..<20 {
            let length = largest - ItemLayout.headerBytes - 1 - spare
            // As large as the chain's head, which comes into the gap.
            let neighbours = (0..<40).map { "neighbour \($0)" }
            for key in neighbours { engine.store(.set, key, "beside", at: now) }
            #expect(engine.delete("neighbour 20", at: now))
            let padded = "7" + String(repeating: " ", count: length - 1)
            #expect(engine.store(.set, "n", padded, at: now).isStored)
            let read = try value(engine.adjust("n", .increment, at: now) { $0.newCAS = 8 })
            #expect(read.value == 8 && read.cas == 8)
            let expected = "8" + String(repeating: " ", count: length - 1)
            #expect(engine.get("n", at: now)?.value == Array(expected.utf8), "\(spare) to spare")
            for key in neighbours where key != "neighbour 20" {
                #expect(engine.get(key, at: now)?.value == Array("beside".utf8))
            }
            #expect(engine.violations.isEmpty)
            #expect(engine.delete("n", at: now))
        }
    }

    /// Its digits end one piece of the chain and begin the next.
    @Test func aNumberThatLiesAcrossPartsIsReadWhole() throws {
        let engine = try makeEngine()
        let piece = engine.shards.withShard(0) { $0.pieceCapacity }
        for blanks in piece - 22...piece + 2 {
            let text = String(repeating: " ", count: blanks) + "12345678901234567890"
            engine.store(.set, "n", text + String(repeating: " ", count: 40), at: now)
            let read = try value(engine.adjust("n", .increment, by: 7, at: now) { _ in })
            #expect(read.value == 12_345_678_901_234_567_897, "\(blanks) blanks")
            engine.store(.set, "n", text + "x" + String(repeating: " ", count: 40), at: now)
            #expect(engine.adjust("n", .increment, at: now) { _ in } == .notNumeric)
        }
        #expect(engine.violations.isEmpty)
    }

    @Test func aCacheThatIsFullByCountMakesNoCounterBeforeACull() throws {
        var configuration = EngineConfiguration.testing(memoryLimitBytes: 1 << 20)
        configuration.maximumEntries = 1
        let engine = try CacheEngine(configuration)
        engine.store(.set, "a", "1", at: now)
        #expect(engine.adjust("n", .increment, at: now) { $0.initial = (1, .never) } == .mustCull)
        #expect(engine.adjust("n", .increment, at: now) { _ in } == .notFound)
        #expect(engine.adjust("a", .increment, at: now) { $0.initial = (1, .never) }.number == 2)
        #expect(engine.violations.isEmpty)
    }

    @Test func aCacheThatStoresNothingAnswersAsIfItHadMadeIt() throws {
        var configuration = EngineConfiguration.testing(memoryLimitBytes: 1 << 20)
        configuration.storesNothing = true
        let engine = try CacheEngine(configuration)
        #expect(engine.adjust("n", .increment, at: now) { _ in } == .notFound)
        #expect(engine.adjust("n", .increment, at: now) { $0.initial = (9, .never) }.number == 9)
        #expect(engine.statistics(at: now).items == 0)
    }
}
