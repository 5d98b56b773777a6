import Testing

@testable import CacheEngine

/// Where single items are in the queues of S3-FIFO, and when they go.
@Suite struct S3FIFOTests {
    @Test func aHitMovesNothing() throws {
        let rig = try QueueRig()
        for key in ["a", "b", "c"] { rig.set(key, bytes: 1) }
        rig.get("a", "a", "a", "a", "a")
        #expect(rig.small == ["a", "b", "c"] && rig.main.isEmpty)
        #expect(rig.hits("a") == 3 && rig.hits("b") == 0)
    }

    @Test func twoHitsAreNeededForMain() throws {
        let rig = try QueueRig()
        for key in ["none", "one", "two"] { rig.set(key, bytes: 1_000) }
        rig.get("one", "two", "two")
        let others = rig.fill()
        for number in 0..<5 { rig.set("new \(number)", bytes: 1_000) }
        #expect(!rig.holds("none") && !rig.holds("one") && !rig.holds(others[0]))
        #expect(rig.main == ["two"] && rig.hits("two") == 0)
        #expect(rig.violations.isEmpty)
    }

    @Test func whatWasEvictedAndComesBackGoesToMain() throws {
        let rig = try QueueRig()
        let keys = rig.fill()
        #expect(!rig.holds(keys[0]))
        rig.set(keys[0], bytes: 1)
        #expect(rig.main == [keys[0]] && rig.hits(keys[0]) == 0)
        // Only once: it is no ghost any more.
        #expect(rig.engine.delete(keys[0], at: rig.now))
        rig.set(keys[0], bytes: 1)
        #expect(rig.main.isEmpty)
    }

    @Test func whatWasDeletedOrExpiredIsNoGhost() throws {
        let rig = try QueueRig()
        let past = StoreOptions(mode: .set, expiry: .after(seconds: -1, from: rig.now))
        _ = rig.engine.store(past, "expires", [1], at: rig.now)
        rig.set("deleted", bytes: 1)
        #expect(rig.engine.delete("deleted", at: rig.now))
        rig.fill()
        #expect(!rig.holds("expires"))
        for key in ["expires", "deleted"] { rig.set(key, bytes: 1) }
        #expect(rig.main.isEmpty)
    }

    /// `small` gives up items while it has a tenth of all, `main` otherwise.
    @Test func mainGivesUpItemsWhenSmallIsBelowItsShare() throws {
        let rig = try QueueRig()
        let keys = rig.fill().filter { rig.holds($0) }
        let few = keys.count / 10 - 1
        for key in keys.dropLast(few) { rig.promote(key, hits: 0) }
        rig.set("fill new", bytes: 1_000)
        #expect(!rig.holds(keys[0]) && rig.small.count == few + 1)
        rig.set("fill next", bytes: 1_000)
        #expect(rig.holds(keys[1]) && !rig.holds(keys[keys.count - few]))
        #expect(rig.violations.isEmpty)
    }

    /// A new value of another size is as much an access as one that fits where the old one was.
    @Test(arguments: [10, 100, 5_000, 40_000])
    func aNewValueOfAnySizeKeepsQueueAndHits(bytes: Int) throws {
        let rig = try QueueRig()
        for key in ["a", "b"] { rig.set(key, bytes: 10) }
        rig.get("a")
        rig.set("a", bytes: bytes)
        #expect(rig.hits("a") == 2 && rig.small.contains("a"))
        rig.promote("b", hits: 1)
        rig.set("b", bytes: bytes)
        #expect(rig.hits("b") == 2 && rig.main == ["b"])
        #expect(rig.violations.isEmpty)
    }

    /// The second access brings an item to `main` at once where the order of access is kept.
    @Test(arguments: [10, 100, 5_000])
    func whileCullingTheSecondAccessPromotes(bytes: Int) throws {
        let rig = try QueueRig(maximumEntries: 100)
        rig.set("a", bytes: 10)
        rig.set("a", bytes: bytes)
        #expect(rig.small == ["a"] && rig.main.isEmpty)
        rig.set("a", bytes: bytes * 2)
        #expect(rig.small.isEmpty && rig.main == ["a"])
        #expect(rig.violations.isEmpty)
    }

    /// However hot everything is, one eviction looks at few.
    @Test func oneEvictionMovesABoundedNumberOfItems() throws {
        let rig = try QueueRig()
        for key in rig.fill() where rig.holds(key) { rig.promote(key, hits: 3) }
        let before = rig.main
        #expect(before.count > 500 && rig.small.isEmpty)
        rig.set("fill new", bytes: 1_000)
        // What was moved is at the front, with one hit less.
        #expect(rig.main == Array(before[65...] + before[..<64]))
        #expect(before.count { rig.hits($0) == 2 } == 64)
        #expect(rig.small == ["fill new"] && rig.violations.isEmpty)
    }

    /// What was flushed goes before what is there since: the sweep that will find it takes time.
    @Test(arguments: [nil, 100_000]) func whatWasFlushedGoesFirst(maximumEntries: Int?) throws {
        let rig = try QueueRig(maximumEntries: maximumEntries)
        let keys = rig.fill().filter { rig.holds($0) }
        for key in keys.dropLast(50) { rig.promote(key, hits: 3) }
        rig.engine.flush()
        let fresh = (0..<keys.count - 50).map { "new  \(10_000 + $0)" }
        for key in fresh { rig.set(key, bytes: 1_000) }
        let lost = fresh.count { !rig.holds($0) }
        #expect(lost == 0, "\(lost) of \(fresh.count) were evicted instead")
        #expect(rig.violations.isEmpty)
    }

    /// The ghosts' memory is charged with the first eviction; maintenance makes room for it.
    @Test func ghostsArePaidForByTheNextMaintenance() throws {
        let rig = try QueueRig()
        rig.fill(bytes: 10)
        let pool = rig.engine.pool
        let ghosts = rig.engine.shards.withShard(0) { $0.s3fifo.bytes }
        #expect(ghosts > 20_000)
        rig.engine.maintainFully(at: rig.now)
        #expect(!pool.isOverLimit && rig.violations.isEmpty)
    }
}
