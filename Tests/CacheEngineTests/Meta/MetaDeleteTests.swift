import Testing

@testable import CacheEngine

/// Deleting, invalidating and emptying, each with all that goes with it.
@Suite struct MetaDeleteTests {
    private let now = Instant.seconds(100)
    private let engine: CacheEngine

    init() throws {
        engine = try CacheEngine(.testing(memoryLimitBytes: 1 << 20))
        engine.store(.set, "k", "value", at: now) {
            $0.flags = 7
            $0.expiry = .after(seconds: 50, from: .seconds(100))
        }
    }

    private func after(_ seconds: Int64) -> Expiry { .after(seconds: seconds, from: now) }

    @Test func whatIsNotThereIsNotFound() {
        for change in [{ _ in }, { $0.invalidates = true }, { $0.clearsValue = true }]
            as [(inout MetaDeleteOptions) -> Void]
        {
            #expect(engine.metaDelete("x", at: now, change) == .notFound)
        }
        #expect(engine.statistics(at: now).items == 1)
    }

    @Test func withoutMoreItDeletes() {
        #expect(engine.metaDelete("k", at: now) { $0.expiry = .never } == .deleted)
        #expect(engine.get("k", at: now) == nil)
        #expect(engine.violations.isEmpty)
    }

    @Test func anotherCASThanTheOneToCompareWithChangesNothing() throws {
        let before = try #require(engine.get("k", at: now))
        for cas in [0, before.cas - 1, before.cas + 1, .max] {
            for change in [{ _ in }, { $0.invalidates = true }, { $0.clearsValue = true }]
                as [(inout MetaDeleteOptions) -> Void]
            {
                let result = engine.metaDelete("k", at: now) {
                    change(&$0)
                    $0.comparedCAS = cas
                }
                #expect(result == .exists)
            }
        }
        #expect(engine.get("k", at: now) == before)
        #expect(engine.metaDelete("k", at: now) { $0.comparedCAS = before.cas } == .deleted)
    }

    /// Unlike in `cas`, 0 is a CAS value as any other.
    @Test func aCASOfZeroCanBeComparedWith() {
        engine.store(.set, "k", "value", at: now) { $0.newCAS = 0 }
        #expect(engine.store(.cas(0), "k", "other", at: now) == .exists)
        #expect(engine.metaDelete("k", at: now) { $0.comparedCAS = 1 } == .exists)
        #expect(engine.metaDelete("k", at: now) { $0.comparedCAS = 0 } == .deleted)
    }

    @Test func anInvalidatedItemKeepsAllButItsCAS() throws {
        let before = try #require(engine.get("k", at: now))
        #expect(engine.metaDelete("k", at: now) { $0.invalidates = true } == .deleted)
        let read = try #require(engine.metaGet("k", at: now))
        #expect(read.text == "value" && read.flags == 7 && read.expiry == after(50))
        #expect(read.cas > before.cas && read.told == "XW" && read.wasFetched)
        #expect(engine.violations.isEmpty)
    }

    @Test func anInvalidatedItemTakesTheExpiryThatIsGiven() {
        let result = engine.metaDelete("k", at: now) {
            $0.invalidates = true
            $0.expiry = after(5)
        }
        #expect(result == .deleted && engine.get("k", at: now)?.expiry == after(5))
        #expect(engine.get("k", at: .seconds(106)) == nil)
        #expect(engine.violations.isEmpty)
    }

    @Test func aChosenCASIsTheItemsAndThenItIsTheEnginesAgain() throws {
        let before = try #require(engine.cas("k"))
        for chosen in [5, 0, UInt64.max] {
            let result = engine.metaDelete("k", at: now) {
                $0.invalidates = true
                $0.newCAS = chosen
            }
            #expect(result == .deleted && engine.cas("k") == chosen)
            let read = try #require(engine.metaGet("k", at: now))
            #expect(read.text == "value" && read.flags == 7 && read.expiry == after(50))
            #expect(read.told == "XW")
        }
        #expect(engine.metaDelete("k", at: now) { $0.invalidates = true } == .deleted)
        let own = try #require(engine.cas("k"))
        #expect(own > before && own < .max)
        #expect(engine.violations.isEmpty)
    }

    /// An item without room for a CAS value is copied to get one.
    @Test func aCopyForTheSakeOfACASIsTheSameItem() throws {
        _ = engine.get("k", at: now)
        let result = engine.metaDelete("k", at: now) {
            $0.invalidates = true
            $0.newCAS = 9
        }
        #expect(result == .deleted)
        let read = engine.metaGet("k", at: now) { $0.isAccess = false }
        #expect(read?.wasFetched == true)
        #expect(engine.statistics(at: now).items == 1)
    }

    @Test func anEmptiedItemKeepsItsCASUnlessItIsInvalidatedToo() throws {
        let before = try #require(engine.cas("k"))
        #expect(engine.metaDelete("k", at: now) { $0.clearsValue = true } == .deleted)
        var read = try #require(engine.metaGet("k", at: now))
        #expect(read.value == [] && read.flags == 0 && read.expiry == .never)
        #expect(read.cas == before && read.told == "")
        let result = engine.metaDelete("k", at: now) {
            $0.clearsValue = true
            $0.invalidates = true
            $0.flags = 3
            $0.expiry = after(9)
        }
        #expect(result == .deleted)
        read = try #require(engine.metaGet("k", at: now))
        #expect(read.flags == 3 && read.expiry == after(9) && read.cas > before)
        #expect(read.told == "XW")
        #expect(engine.violations.isEmpty)
    }

    /// What changes an emptied item's value changes its CAS, although that was kept before.
    @Test func aKeptCASIsGoneWithTheNextChange() throws {
        let before = try #require(engine.cas("k"))
        #expect(engine.metaDelete("k", at: now) { $0.clearsValue = true } == .deleted)
        #expect(engine.store(.append, "k", "5", at: now).isStored)
        #expect(engine.store(.cas(before), "k", "x", at: now) == .exists)
        let second = try #require(engine.cas("k"))
        #expect(engine.adjust("k", .increment, by: 1, at: now).number == 6)
        #expect(try #require(engine.cas("k")) > second)
    }

    @Test func aLargeValueIsInvalidatedWhereItLies() throws {
        let value = Noise.value(100_000, variant: 3)
        #expect(engine.storeLarge("big", value, at: now)?.isStored == true)
        let bytes = engine.statistics(at: now).bytes
        #expect(engine.metaDelete("big", at: now) { $0.invalidates = true } == .deleted)
        #expect(engine.metaGet("big", at: now)?.value == value)
        #expect(engine.statistics(at: now).bytes == bytes)
        let result = engine.metaDelete("big", at: now) {
            $0.invalidates = true
            $0.newCAS = 11
        }
        #expect(result == .deleted)
        let read = try #require(engine.metaGet("big", at: now))
        #expect(read.value == value && read.cas == 11 && read.told == "XW")
        #expect(engine.violations.isEmpty)
    }

    @Test func whoIsSendingALargeValueIsNotDisturbed() throws {
        let value = Noise.value(100_000, variant: 4)
        #expect(engine.storeLarge("big", value, at: now)?.isStored == true)
        let key = Array("big".utf8)
        var holding: LargeItem?
        _ = engine.retrieve(key.span, engine.hash(key.span), at: now) { holding = $0.hold() }
        let item = try #require(holding)
        for newCAS in [nil, 11, 12, nil] as [UInt64?] {
            let result = engine.metaDelete("big", at: now) {
                $0.invalidates = true
                $0.newCAS = newCAS
            }
            #expect(result == .deleted)
        }
        #expect(engine.metaDelete("big", at: now) { $0.clearsValue = true } == .deleted)
        var sent: [UInt8] = []
        engine.forEachPart(of: engine.reader(of: item)) { part in
            for position in part.indices { sent.append(part[position]) }
            return true
        }
        #expect(sent == value)
        engine.release(item)
        #expect(engine.violations.isEmpty)
    }
}
