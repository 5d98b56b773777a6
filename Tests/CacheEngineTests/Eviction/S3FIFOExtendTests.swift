import Testing

@testable import CacheEngine

/// append, prepend and incr: room for the longer value is made while the old one is needed.
@Suite struct S3FIFOExtendTests {
    @Test func aValueThatGrowsKeepsQueueAndHits() throws {
        let rig = try QueueRig()
        for key in ["a", "n", "m"] { _ = rig.engine.set(key, [UInt8(ascii: "9")], at: rig.now) }
        rig.promote("m", hits: 0)
        _ = rig.extend(.append, "a", bytes: 30)
        _ = rig.engine.adjust("n", .increment, by: 1, at: rig.now)
        _ = rig.extend(.prepend, "m", bytes: 900)
        for key in ["a", "n", "m"] { #expect(rig.hits(key) == 1, "\(key)") }
        #expect(rig.main == ["m"] && rig.violations.isEmpty)
    }

    /// The search for a victim ends after so many items, whatever comes next: 64 moves, then
    /// every 65th item goes. 845 items are 13 times that.
    @Test(arguments: [0, 1, 64, 500, 844])
    func whatGrowsStaysWhileOthersGo(position: Int) throws {
        let rig = try QueueRig()
        let keys = rig.fill().filter { rig.holds($0) }
        let hot = Array(keys.suffix(845))
        for key in keys.dropLast(845) { #expect(rig.engine.delete(key, at: rig.now)) }
        for key in hot { rig.promote(key, hits: 3) }
        try #require(rig.main.count == 845 && rig.small.isEmpty)
        let result = rig.extend(.append, hot[position], bytes: 150_000)
        guard case .stored = result else { return #expect(Bool(false), "\(result)") }
        #expect(rig.engine.get(hot[position], at: rig.now)?.value.count == 151_000)
        #expect(rig.violations.isEmpty)
    }

    /// Few large items: the one that grows may be all that is in its queue.
    @Test(arguments: [nil, 1_000]) func theOnlyItemOfItsQueueStays(maximumEntries: Int?) throws {
        for isMain in [false, true] {
            let rig = try QueueRig(maximumEntries: maximumEntries)
            let keys = rig.fill(bytes: 100_000).filter { rig.holds($0) }
            try #require((3..<20).contains(keys.count))
            let last = keys[keys.count - 1]
            for key in keys where (key == last) == isMain { rig.promote(key, hits: 3) }
            let result = rig.extend(.prepend, last, bytes: 100_000)
            guard case .stored = result else { return #expect(Bool(false), "\(result)") }
            #expect(rig.holds(last) && !rig.holds(keys[0]) && rig.violations.isEmpty)
        }
    }

    /// What cannot grow, because it would need all of the memory, is as it was.
    @Test func whatFindsNoRoomIsNotProtectedAnyLonger() throws {
        let rig = try QueueRig()
        rig.set("a", bytes: 600_000)
        rig.set("b", bytes: 10)
        #expect(rig.extend(.append, "a", bytes: 400_000) == .outOfMemory)
        #expect(rig.holds("a") && !rig.holds("b"))
        rig.set("c", bytes: 600_000)
        #expect(!rig.holds("a") && rig.holds("c") && rig.violations.isEmpty)
    }
}
