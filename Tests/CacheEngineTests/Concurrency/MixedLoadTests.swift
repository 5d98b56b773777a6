import Synchronization
import Testing

@testable import CacheEngine

/// Everything at once, from many threads: no value is ever torn, mixed up or another key's, and
/// the engine is sound at the end.
@Suite struct MixedLoadTests {
    @Test func valuesStayWholeUnderMemoryPressure() throws {
        try run(.testing(memoryLimitBytes: 2 << 20, shards: 2), threads: 8, keys: 300)
    }

    @Test func valuesStayWholeInOneShard() throws {
        try run(.testing(memoryLimitBytes: 3 << 20, shards: 1), threads: 16, keys: 200)
    }

    @Test func valuesStayWholeWithManyThreadsAndShards() throws {
        try run(.testing(memoryLimitBytes: 16 << 20, shards: 16), threads: 64, keys: 2_000)
    }

    @Test func valuesStayWholeWithoutEviction() throws {
        var configuration = EngineConfiguration.testing(memoryLimitBytes: 4 << 20, shards: 4)
        configuration.evicts = false
        try run(configuration, threads: 8, keys: 300)
    }

    @Test func valuesStayWholeWithS3FIFO() throws {
        var configuration = EngineConfiguration.testing(memoryLimitBytes: 3 << 20, shards: 2)
        configuration.eviction = .s3fifo
        try run(configuration, threads: 16, keys: 300)
    }

    private func run(_ configuration: EngineConfiguration, threads: Int, keys: Int) throws {
        let engine = try CacheEngine(configuration)
        let load = MixedLoad(
            engine, keys: keys, operations: 12_000 / threads + 200, seed: TestEnvironment.seed)
        load.run(threads: threads)
        let faults = load.faults.all
        #expect(faults.isEmpty, "again with CACHED_SEED=\(TestEnvironment.seed)")
        #expect(load.verified.load(ordering: .relaxed) > 500)
        let invariants = InvariantCheck(engine)
        invariants.isWithinLimit = configuration.evicts
        invariants.bufferBytes = load.chargedBytes
        let violations = invariants.run()
        #expect(violations.isEmpty, "again with CACHED_SEED=\(TestEnvironment.seed)")
    }
}
