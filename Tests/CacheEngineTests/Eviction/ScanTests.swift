import Testing

@testable import CacheEngine

/// What a scan of ten times the cache leaves of the keys that are asked for again and again.
@Suite struct ScanTests {
    private static let hotKeys = 1_000

    /// - Returns: how many of the hot keys are there after the scan.
    private func survivors(_ policy: EvictionPolicy) throws -> Int {
        let side = try LookAside(policy, memoryLimitBytes: 1 << 20, valueBytes: 100)
        var random = TestRandom(seed: TestEnvironment.seed)
        // The cache fills with what is asked for once; the hot keys are asked for ten times.
        for round in 0..<10 {
            for key in 0..<Self.hotKeys { side.access(key) }
            for _ in 0..<1_000 { side.access(10_000_000 + round + random.below(1 << 30) * 10) }
        }
        let items = side.items
        #expect(items > 2 * Self.hotKeys && items < 10_000)
        for key in 0..<items * 10 { side.access(1_000_000 + key) }
        return (0..<Self.hotKeys).count { side.holds($0) }
    }

    @Test func s3fifoKeepsWhatIsHotThroughAScan() throws {
        #expect(try survivors(.s3fifo) == Self.hotKeys)
    }

    @Test func lruDoesNot() throws {
        #expect(try survivors(.lru) == 0)
    }
}
