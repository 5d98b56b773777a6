@testable import CacheEngine

/// What must be true of an engine whenever no operation is under way. Each list, count and link is
/// derived again from the pages and compared with what the engine keeps.
final class InvariantCheck {
    let engine: CacheEngine
    /// Values that are being filled or sent: each has one reference.
    var openReferences = 0
    /// What the test itself charged for buffers.
    var bufferBytes = 0
    /// False while a limit that was lowered is not reached yet.
    var isWithinLimit = true

    private(set) var violations: [String] = []
    private var ownerOfPage: [UInt32: Int] = [:]
    private var references = 0
    /// By page: chunks of items that somebody holds.
    var heldOnPage: [UInt32: Int] = [:]
    private var live = 0
    private var indexBytes = 0
    private var ghostBytes = 0

    init(_ engine: CacheEngine) { self.engine = engine }

    /// Everything that is wrong, in words; empty if all is well.
    func run() -> [String] {
        for number in 0..<engine.shards.count {
            engine.shards.withShard(number) { shard in check(&shard, number) }
        }
        let pool = engine.pool
        expect(pool.heldPages == ownerOfPage.count, "the pool lends pages that no shard has")
        let buffers = min(bufferBytes, pool.limitBytes / 4)
        let sum = pool.heldPages * pool.pageBytes + indexBytes + buffers
        expect(pool.chargedBytes == sum, "\(pool.chargedBytes) bytes are charged, not \(sum)")
        if isWithinLimit {
            expect(
                // Ghosts come with an eviction; maintenance makes the room that they take.
                pool.chargedBytes <= pool.limitBytes + ghostBytes,
                "\(pool.chargedBytes) bytes are charged to a limit of \(pool.limitBytes)")
        }
        expect(references == openReferences, "\(references) references, \(openReferences) open")
        if engine.configuration.maximumEntries != nil {
            let entries = engine.shared.entries.load(ordering: .relaxed)
            expect(entries == live, "\(entries) entries counted, \(live) there")
        }
        return violations
    }

    func expect(_ condition: Bool, _ message: @autoclosure () -> String) {
        // A broken list is broken in many places: the first ones tell.
        if !condition, violations.count < 10 { violations.append(message()) }
    }

    private func check(_ shard: inout Shard, _ number: Int) {
        heldOnPage = [:]
        let tally = checkPages(shard, number)
        checkClasses(shard, tally)
        checkList(shard, number, linked: tally.linked)
        checkCounters(shard, tally)
        let charged = shard.index.bytes + shard.s3fifo.bytes
        indexBytes += charged
        ghostBytes += shard.s3fifo.bytes
        references += tally.references
        live += shard.liveItems
        expect(shard.chargedIndexBytes == charged, "an index or its ghosts grew without a charge")
        expect(
            shard.options.eviction == .s3fifo || shard.s3fifo.bytes == 0, "ghosts that LRU keeps")
        expect(!shard.hasReservedEntry, "a reserved entry was left behind")
        expect(!shard.asksOthers, "a shard asks others although no command is under way")
    }

    func own(_ page: PageNumber, by shard: Int) {
        let owner = ownerOfPage.updateValue(shard, forKey: page.rawValue)
        expect(owner == nil, "page \(page.rawValue) has two owners")
    }

    private func checkCounters(_ shard: borrowing Shard, _ tally: ShardTally) {
        let counters = shard.counters
        let gone =
            counters.deleted + counters.evicted + counters.expired + counters.flushed
            + counters.culled
        expect(
            shard.liveItems == Int(counters.stored) - Int(gone),
            "\(shard.liveItems) items, but \(counters.stored) stored and \(gone) gone")
        expect(shard.flushedItems == tally.flushed, "flushed items are counted wrongly")
        expect(
            counters.bytes == tally.bytes,
            "\(counters.bytes) bytes counted, \(tally.bytes) there")
    }
}

/// What a scan of a shard's pages finds.
struct ShardTally {
    var pages = 0
    var linked = 0
    var flushed = 0
    var pieces = 0
    /// Pieces that were reached from their item.
    var chainedPieces = 0
    var references = 0
    var bytes = 0
    var classes: [ClassTally]
}

struct ClassTally {
    var pages = 0
    var partialPages = 0
    var freeChunks = 0
    var items = 0
    var bytes = 0
}
