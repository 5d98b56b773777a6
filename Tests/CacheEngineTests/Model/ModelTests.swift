import Testing

@testable import CacheEngine

/// A naive model beside the engine: seeded random operations, compared after each, all invariants
/// checked every few hundred. 1.2 million operations by default; `CACHED_MODEL_OPERATIONS` changes
/// that, `CACHED_SEED` repeats a run.
@Suite struct ModelTests {
    static let operations = TestEnvironment.modelOperations ?? 1_200_000
    static let pressed =
        ModelPlan.pressed(operations: operations / 13)
        + ModelPlan.pressedS3FIFO(operations: operations / 26)
    static let culling = ModelPlan.culling(operations: operations / 5 / 54 + 1)

    @Test(arguments: pressed)
    func engineAndModelAgreeUnderMemoryPressure(plan: ModelPlan) throws {
        let run = try ModelRun(plan, seed: TestEnvironment.seed)
        try run.run()
        // A short run may not have filled the memory.
        guard Self.operations >= 1_000_000 else { return }
        #expect(run.tally.hits > 1_000)
        #expect(run.tally.evictions > 0 || !plan.evicts || run.tally.culls > 0)
        #expect(plan.largestValue < 100_000 || run.tally.largeStored > 0)
        #expect(run.tally.metaHits > 100 && run.tally.wins > 0 && run.tally.vivified > 0)
        #expect(run.tally.invalidations > 0 && run.tally.staleStores > 0)
        #expect(run.tally.restarts > 0)
    }

    @Test(arguments: culling)
    func engineAndModelAgreeWhileCulling(plan: ModelPlan) throws {
        let run = try ModelRun(plan, seed: TestEnvironment.seed)
        try run.run()
        #expect(run.tally.culls > 0)
    }
}
