@testable import CacheEngine

/// One configuration of the model test.
struct ModelPlan: Sendable, CustomStringConvertible {
    var memoryLimitBytes: Int
    var shards: Int
    var evicts = true
    var eviction = EvictionPolicy.lru
    var maximumEntries: Int?
    var cullFrequency = 3
    var keys: Int
    var operations: Int
    /// Values have up to this many bytes, most of them far fewer.
    var largestValue = 300_000
    var sizes = SizeMix.shifting
    /// How many operations lie between two checks of every invariant.
    var checkInterval = 400

    enum SizeMix {
        /// From phase to phase, so that pages have to move between classes.
        case shifting
        /// Tiny values, and ones just too long for a chunk: the heads of their chains lie on
        /// the same pages as the tiny ones, and move with them.
        case tinyAndChained
    }

    var description: String {
        let culling = maximumEntries.map { ", at most \($0) entries, 1/\(cullFrequency) culled" }
        return "\(eviction), \(memoryLimitBytes >> 10) KiB, \(shards) shards"
            + (evicts ? "" : ", no eviction") + (culling ?? "") + ", \(keys) keys"
    }

    var configuration: EngineConfiguration {
        var configuration = EngineConfiguration.testing(
            memoryLimitBytes: memoryLimitBytes, shards: shards)
        configuration.evicts = evicts
        configuration.eviction = eviction
        configuration.maximumEntries = maximumEntries
        configuration.cullFrequency = cullFrequency
        configuration.maximumItemBytes = ModelPlan.maximumItemBytes
        return configuration
    }

    static let maximumItemBytes = 400 << 10

    /// Under memory pressure, of every kind.
    static func pressed(operations: Int) -> [ModelPlan] {
        [
            ModelPlan(memoryLimitBytes: 1 << 20, shards: 1, keys: 900, operations: operations),
            ModelPlan(memoryLimitBytes: 2 << 20, shards: 2, keys: 1_500, operations: operations),
            ModelPlan(memoryLimitBytes: 4 << 20, shards: 4, keys: 3_000, operations: operations),
            ModelPlan(
                memoryLimitBytes: 16 << 20, shards: 16, keys: 12_000, operations: operations,
                checkInterval: 2_000),
            ModelPlan(
                memoryLimitBytes: 16 << 20, shards: 2, keys: 20_000, operations: operations,
                checkInterval: 2_000),
            ModelPlan(
                memoryLimitBytes: 2 << 20, shards: 2, evicts: false, keys: 900,
                operations: operations),
            ModelPlan(
                memoryLimitBytes: 2 << 20, shards: 2, keys: 40_000, operations: operations,
                largestValue: 300, checkInterval: 4_000),
            ModelPlan(
                memoryLimitBytes: 4 << 20, shards: 1, keys: 25_000, operations: operations,
                sizes: .tinyAndChained, checkInterval: 2_000),
            // Enough dead at a time that a sweep stops in the middle of a page.
            ModelPlan(
                memoryLimitBytes: 16 << 20, shards: 1, maximumEntries: 2_000, keys: 30_000,
                operations: operations, largestValue: 60, checkInterval: 2_000),
            ModelPlan(
                memoryLimitBytes: 2 << 20, shards: 2, maximumEntries: 500, keys: 1_500,
                operations: operations),
        ]
    }

    /// Under memory pressure, with the other policy. The model has to look for what is gone, so
    /// there are fewer items here.
    static func pressedS3FIFO(operations: Int) -> [ModelPlan] {
        var plans = [
            ModelPlan(memoryLimitBytes: 1 << 20, shards: 1, keys: 900, operations: operations),
            ModelPlan(memoryLimitBytes: 2 << 20, shards: 2, keys: 1_500, operations: operations),
            ModelPlan(memoryLimitBytes: 4 << 20, shards: 4, keys: 3_000, operations: operations),
            ModelPlan(
                memoryLimitBytes: 1 << 20, shards: 1, keys: 4_000, operations: operations,
                largestValue: 2_000, checkInterval: 1_000),
            ModelPlan(
                memoryLimitBytes: 1 << 20, shards: 1, keys: 6_000, operations: operations,
                sizes: .tinyAndChained, checkInterval: 2_000),
            // Culling and eviction together.
            ModelPlan(
                memoryLimitBytes: 2 << 20, shards: 2, maximumEntries: 500, keys: 1_500,
                operations: operations),
        ]
        for position in plans.indices { plans[position].eviction = .s3fifo }
        return plans
    }

    /// Every small number of entries with every small frequency.
    static func culling(operations: Int) -> [ModelPlan] {
        var plans: [ModelPlan] = []
        for entries in [1, 2, 3, 4, 5, 7, 10, 30, 100] {
            for frequency in [0, 1, 2, 3, 5, 10] {
                plans.append(
                    ModelPlan(
                        memoryLimitBytes: 16 << 20, shards: [1, 2, 4, 16][plans.count % 4],
                        eviction: plans.count % 2 == plans.count / 6 % 2 ? .lru : .s3fifo,
                        maximumEntries: entries, cullFrequency: frequency,
                        keys: entries * 3 + 3, operations: operations, largestValue: 2_000,
                        checkInterval: 300))
            }
        }
        return plans
    }
}

/// Engine and model disagreed. The text says where, and how to see it again.
struct ModelMismatch: Error, CustomStringConvertible {
    let description: String
}
