import Testing

@testable import CacheEngine

/// Drives engine and model with the same random operations and compares them after each.
final class ModelRun {
    let plan: ModelPlan
    let seed: UInt64
    let engine: CacheEngine
    var model: CacheModel
    var random: TestRandom
    let keys: [[UInt8]]
    let hashes: [KeyHash]
    let pageBytes: Int

    var nowMs: UInt64 = 5_000
    var now: Instant { Instant(milliseconds: nowMs) }
    /// When a planned flush is due; nil: none is.
    var flushDueMs: UInt64?
    var pass = CacheEngine.MaintenancePass()
    var writers: [OpenWriter] = []
    var held: [HeldValue] = []
    /// A limit that was lowered is not reached yet.
    var awaitsLimit = false
    /// The highest CAS value that a shard gave.
    var lastCAS: [UInt64]
    var culled: UInt64 = 0
    var tally = ModelTally()
    var step = 0
    /// The key whose CAS value the next cas names.
    var casKey = 0
    /// What the last operation had to hold for a time: a new value beside the old one.
    var workingBytes = 0
    /// What the last operation was, and with what, for the message.
    var action = ""
    var details: Any?

    init(_ plan: ModelPlan, seed: UInt64) throws {
        self.plan = plan
        self.seed = seed
        engine = try CacheEngine(plan.configuration)
        random = TestRandom(seed: seed)
        let engine = engine
        keys = (0..<plan.keys).map { ModelRun.key($0) }
        hashes = keys.map { engine.hash($0.span) }
        model = CacheModel(
            shardOfKey: hashes.map { engine.shardNumber(of: $0) }, shards: engine.shardCount)
        pageBytes = engine.pageBytes
        lastCAS = Array(repeating: 0, count: engine.shardCount)
    }

    /// Lengths from 1 to 250, most of them short.
    private static func key(_ number: Int) -> [UInt8] {
        var bytes = Array(String(number, radix: 36).utf8)
        let length = number % 50 == 0 ? 250 : number % 37
        while bytes.count < length { bytes.append(UInt8(ascii: "!") + UInt8(bytes.count % 90)) }
        return bytes
    }

    func run() throws {
        while step < plan.operations {
            step += 1
            workingBytes = 0
            details = nil
            try runStep()
            try compareCounts()
            if step % plan.checkInterval == 0 { try checkEverything() }
        }
        try finishOpenWork()
        try checkEverything()
        // Twice: the first pass may begin in the middle, where the last one stopped.
        engine.maintainFully(at: now)
        engine.maintainFully(at: now)
        try reapDead()
        try compareCounts()
        try checkEverything()
        try check(model.counts.reduce(0, +) == liveCount(), "maintenance left something dead")
    }

    private func liveCount() -> Int {
        (0..<keys.count).reduce(0) { $0 + (model.isLive($1, at: now) ? 1 : 0) }
    }

    private func finishOpenWork() throws {
        while let writer = writers.popLast() { engine.abandon(writer.writer) }
        while let value = held.popLast() { engine.release(value.item) }
        try compareCounts()
    }

    // -- comparing --

    func check(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        guard !condition else { return }
        let options = details.map { "\n  with \($0)" } ?? ""
        throw ModelMismatch(
            description:
                "\(message())\n  after \(action), operation \(step) of: \(plan)\(options)\n"
                + "  \(memoryState)\n  again with CACHED_SEED=\(seed)")
    }

    private var memoryState: String {
        let shards = (0..<engine.shardCount).map { number in
            engine.shards.withShard(number) { "\($0.index.count) items on \($0.pageCount) pages" }
        }
        return "\(engine.pool.chargedBytes) of \(engine.memoryLimitBytes) bytes charged, "
            + "\(writers.count) open and \(held.count) held; " + shards.joined(separator: ", ")
    }

    /// Finds out what the engine evicted, and checks that it was the least recently used.
    func compareCounts() throws {
        for shard in 0..<model.shards {
            let count = engine.shards.withShard(shard) { $0.index.count }
            var key = model.oldest[shard]
            while model.counts[shard] > count, key >= 0 {
                let newer = model.entries[key].newer
                if try isEvicted(key, from: shard) { try noteEviction(of: key) }
                key = newer
            }
            try check(
                model.counts[shard] == count,
                "shard \(shard) has \(count) items, not \(model.counts[shard])")
        }
    }

    /// Whether a key is among those that the engine lacks. In LRU order those are the oldest.
    private func isEvicted(_ key: Int, from shard: Int) throws -> Bool {
        if !isInEngine(key) { return true }
        try check(
            plan.eviction != .lru,
            "shard \(shard) lost another item than its least recently used, key \(key)")
        return false
    }

    private func noteEviction(of key: Int) throws {
        if model.isLive(key, at: now) {
            try check(plan.evicts, "key \(key) was evicted where nothing may be")
            try check(isShortOfMemory, "key \(key) was evicted without need")
            tally.evictions += 1
        }
        model.remove(key)
    }

    /// Whether the engine has a key, dead or alive.
    func isInEngine(_ key: Int) -> Bool {
        let name = keys[key]
        return engine.holds(name.span, hashes[key])
    }

    /// Whether little enough is free, or was while the operation ran, that something had to go.
    private var isShortOfMemory: Bool {
        engine.pool.chargedBytes + 2 * workingBytes > engine.memoryLimitBytes / 2
    }

    /// After work that may have removed dead items anywhere.
    func reapDead() throws {
        for key in 0..<keys.count where model.entries[key].isPresent {
            if !model.isLive(key, at: now), !isInEngine(key) {
                model.remove(key)
            }
        }
    }

    /// The order and contents of every shard, and every invariant.
    func checkEverything() throws {
        let invariants = InvariantCheck(engine)
        invariants.openReferences = writers.count + held.count
        awaitsLimit = awaitsLimit && engine.pool.isOverLimit
        invariants.isWithinLimit = !awaitsLimit
        let violations = invariants.run()
        try check(violations.isEmpty, violations.joined(separator: "\n"))
        for shard in 0..<model.shards { try checkContents(of: shard) }
        let statistics = engine.statistics(at: now)
        try check(statistics.culled == culled, "\(statistics.culled) culled, not \(culled)")
    }
}

/// How often the rarer things happened, to show that a run was worth it.
struct ModelTally {
    var hits = 0
    var evictions = 0
    var culls = 0
    var outOfMemory = 0
    var largeStored = 0
    var heldReads = 0
    var flushes = 0
    var metaHits = 0
    var wins = 0
    var vivified = 0
    var invalidations = 0
    var staleStores = 0
    var restarts = 0
}

/// A large value on its way into the engine.
struct OpenWriter {
    var writer: CacheEngine.LargeWriter
    let key: Int
    let value: [UInt8]
    var written = 0
    let options: StoreOptions
}

/// A large value that is being sent.
struct HeldValue {
    let item: LargeItem
    var reader: CacheEngine.LargeReader
    let value: [UInt8]
    var read = 0
}
