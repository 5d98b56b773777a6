import Testing

@testable import CacheEngine

/// Walking over an index that grows and shrinks between two steps, against a set of what was there
/// all the time.
@Suite struct IndexWalkTests {
    private final class Rig {
        var index: BucketIndex
        let pool: PagePool
        var hashes: [UInt32: KeyHash] = [:]
        private var next: UInt32 = 1

        init() throws {
            index = try BucketIndex.make(maximumItems: 1 << 16)
            pool = try PagePool(
                limitBytes: 1 << 20, reservedBytes: 2 << 20, pageBytes: 16 << 10, unitShift: 4)
        }

        func hash(of chunk: ChunkIndex) -> KeyHash { hashes[chunk.rawValue] ?? .zero }

        func insert(_ hash: KeyHash) -> UInt32 {
            let chunk = next
            next += 1
            hashes[chunk] = hash
            // Without an expectation each: there are hundreds of thousands.
            if !index.insert(ChunkIndex(rawValue: chunk), hash) {
                Issue.record("the index took no more")
            }
            if index.wantsSplit { index.split(memory: pool.memory) { self.hash(of: $0) } }
            return chunk
        }

        func remove(_ chunk: UInt32) {
            var probe = index.probe(hashes[chunk] ?? .zero)
            while let (candidate, slot) = probe.next(in: index) {
                guard candidate.rawValue == chunk else { continue }
                index.remove(slot)
                hashes[chunk] = nil
                if index.wantsMerge { index.merge(memory: pool.memory) }
                return
            }
            Issue.record("a chunk that is there was not found")
        }

        /// What the next bucket shows.
        func step(_ cursor: inout IndexCursor) -> [UInt32] {
            var seen: [UInt32] = []
            index.visitBucket(at: &cursor, hash: { hash(of: $0) }) { seen.append($0.rawValue) }
            return seen
        }
    }

    @Test func aWalkOverAnIndexThatRestsShowsEverythingOnce() throws {
        let rig = try Rig()
        var random = TestRandom(seed: TestEnvironment.seed)
        // The number of buckets is a power of two for some of these, and just beside one.
        for target in [0, 1, 500, 512, 520, 1_024, 3_000, 4_096, 4_100] {
            while rig.hashes.count < target { _ = rig.insert(KeyHash(rawValue: random.next())) }
            var cursor = IndexCursor()
            var seen: [UInt32] = []
            var steps = 0
            while !cursor.isAtEnd {
                seen += rig.step(&cursor)
                steps += 1
            }
            #expect(seen.sorted() == rig.hashes.keys.sorted())
            #expect(steps == rig.index.buckets)
        }
    }

    /// What is there from the beginning to the end is shown once, whatever comes and goes between
    /// the steps, and nothing is shown twice.
    @Test(arguments: 0..<24)
    func aWalkIsRightWhileTheIndexGrowsAndShrinks(round: Int) throws {
        let seed = TestEnvironment.seed &+ UInt64(round)
        var random = TestRandom(seed: seed)
        let rig = try Rig()
        for _ in 0..<random.between(50, 3_000) { _ = rig.insert(KeyHash(rawValue: random.next())) }
        var stays = Set<UInt32>()
        var others: [UInt32] = []
        for chunk in rig.hashes.keys.sorted() {
            if random.isOneIn(10) { stays.insert(chunk) } else { others.append(chunk) }
        }
        var cursor = IndexCursor()
        var seen: [UInt32: Int] = [:]
        var steps = 0
        while !cursor.isAtEnd {
            // Mostly growing, mostly shrinking, in turns that are longer than a step.
            let grows = (steps / random.between(20, 60)) % 2 == round % 2
            for _ in 0..<random.below(16) {
                if grows || others.isEmpty {
                    others.append(rig.insert(KeyHash(rawValue: random.next())))
                } else {
                    let position = random.below(others.count)
                    others.swapAt(position, others.count - 1)
                    rig.remove(others.removeLast())
                }
            }
            for chunk in rig.step(&cursor) { seen[chunk, default: 0] += 1 }
            steps += 1
            try #require(steps < 20_000, "seed \(seed)")
        }
        #expect(stays.allSatisfy { seen[$0] == 1 }, "seed \(seed)")
        #expect(seen.values.allSatisfy { $0 == 1 }, "seed \(seed)")
    }

    @Test func aWalkThatRestsWhileEverythingGoesEndsAtTheSmallestIndex() throws {
        let rig = try Rig()
        var random = TestRandom(seed: TestEnvironment.seed)
        let chunks = (0..<8_000).map { _ in rig.insert(KeyHash(rawValue: random.next())) }
        var cursor = IndexCursor()
        var before: Set<UInt32> = []
        for _ in 0..<300 { before.formUnion(rig.step(&cursor)) }
        for chunk in chunks.dropFirst(40) { rig.remove(chunk) }
        #expect(rig.index.buckets == BucketIndex.initialBuckets)
        var after: [UInt32] = []
        while !cursor.isAtEnd { after += rig.step(&cursor) }
        #expect(before.isDisjoint(with: after))
        #expect(Set(chunks.prefix(40)).isSubset(of: before.union(after)))
    }
}
