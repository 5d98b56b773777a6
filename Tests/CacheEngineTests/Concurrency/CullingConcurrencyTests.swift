import Testing

@testable import CacheEngine

/// The number of entries is a hard limit, however many insert at the same time.
@Suite struct CullingConcurrencyTests {
    /// What a connection does: store, cull while that is asked for, store again.
    /// - Returns: how many entries there were at most, as seen from here.
    static func insert(
        _ engine: CacheEngine, _ key: String, _ value: [UInt8], at now: Instant
    ) -> (result: StoreResult, exceeded: Bool) {
        var mayExceed = false
        var exceeded = false
        while true {
            let result = engine.store(
                StoreOptions(mode: .set), key, value, mayExceed: mayExceed, at: now)
            exceeded = exceeded || mayExceed
            mayExceed = false
            guard result == .mustCull else { return (result, exceeded) }
            // A step that has more to do lets others in before the next one.
            if engine.cull(16, at: now) == .nothingToDrop { mayExceed = true }
        }
    }

    static let frequencies = [0, 1, 2, 3, 10]

    @Test(arguments: frequencies) func entriesNeverExceedTheLimit(frequency: Int) throws {
        var configuration = EngineConfiguration.testing(memoryLimitBytes: 8 << 20, shards: 8)
        configuration.maximumEntries = 100
        configuration.cullFrequency = frequency
        try expectLimit(configuration, valueBytes: 100)
    }

    /// Eviction and culling at the same time: what is overwritten may be evicted to make room for
    /// its own new value.
    @Test(arguments: EvictionPolicy.allCases)
    func entriesNeverExceedTheLimitUnderMemoryPressure(policy: EvictionPolicy) throws {
        var configuration = EngineConfiguration.testing(memoryLimitBytes: 2 << 20, shards: 2)
        configuration.eviction = policy
        configuration.maximumEntries = 90
        try expectLimit(configuration, valueBytes: 50_000)
    }

    private func expectLimit(_ configuration: EngineConfiguration, valueBytes: Int) throws {
        let engine = try CacheEngine(configuration)
        let now = Instant.seconds(10)
        let maximum = configuration.maximumEntries ?? .max
        let most = Collected<Int>()
        Threads.run(16) { thread in
            var random = TestRandom(seed: UInt64(thread))
            var seen = 0
            for _ in 0..<300 {
                let key = "k\(random.below(maximum * 2))"
                let value = Noise.value(random.below(valueBytes), variant: random.next())
                switch random.below(10) {
                case 0: _ = engine.delete(key, at: now)
                case 1: _ = engine.get(key, at: now)
                default:
                    let (result, exceeded) = CullingConcurrencyTests.insert(
                        engine, key, value, at: now)
                    if case .stored = result, !exceeded { break }
                    seen = max(seen, result == .outOfMemory ? 0 : .max)
                }
                seen = max(seen, engine.shared.entries.load(ordering: .relaxed))
            }
            most.add(seen)
        }
        let highest = most.all.max() ?? 0
        #expect(highest <= maximum, "\(highest) entries at a limit of \(maximum)")
        let violations = InvariantCheck(engine).run()
        #expect(violations.isEmpty)
    }
}
