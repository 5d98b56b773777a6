import Testing

@testable import CacheEngine

/// The index against a dictionary. Hashes are given, not computed, so that long chains and every
/// tag can be had.
@Suite struct BucketIndexTests {
    /// The index with what it needs around it: a hash for each chunk.
    private final class Rig {
        var index: BucketIndex
        let pool: PagePool
        var hashes: [UInt32: KeyHash] = [:]

        init() throws {
            index = try BucketIndex.make(maximumItems: 1 << 16)
            pool = try PagePool(
                limitBytes: 1 << 20, reservedBytes: 2 << 20, pageBytes: 16 << 10, unitShift: 4)
        }

        func insert(_ chunk: UInt32, _ hash: KeyHash) -> Bool {
            hashes[chunk] = hash
            guard index.insert(ChunkIndex(rawValue: chunk), hash) else { return false }
            if index.wantsSplit {
                index.split(memory: pool.memory) { self.hashes[$0.rawValue] ?? .zero }
            }
            return true
        }

        /// Whether the chunk is found under its hash, once, and no candidate is an empty slot.
        func isFound(_ chunk: UInt32) -> Bool {
            var probe = index.probe(hashes[chunk] ?? .zero)
            var found = 0
            while let (candidate, _) = probe.next(in: index) {
                if candidate.isNone { return false }
                if candidate.rawValue == chunk { found += 1 }
            }
            return found == 1
        }

        func remove(_ chunk: UInt32) -> Bool {
            var probe = index.probe(hashes[chunk] ?? .zero)
            while let (candidate, slot) = probe.next(in: index) {
                guard candidate.rawValue == chunk else { continue }
                index.remove(slot)
                hashes[chunk] = nil
                if index.wantsMerge { index.merge(memory: pool.memory) }
                return true
            }
            return false
        }

        func replace(_ chunk: UInt32, with fresh: UInt32) -> Bool {
            var probe = index.probe(hashes[chunk] ?? .zero)
            while let (candidate, slot) = probe.next(in: index) {
                guard candidate.rawValue == chunk else { continue }
                index.replace(slot, with: ChunkIndex(rawValue: fresh))
                hashes[fresh] = hashes.removeValue(forKey: chunk)
                return true
            }
            return false
        }
    }

    @Test func everyItemIsFoundWhileTheIndexGrowsAndShrinks() throws {
        let rig = try Rig()
        var random = TestRandom(seed: TestEnvironment.seed)
        var present: [UInt32] = []
        var next: UInt32 = 1
        // Up to 20,000, down to nothing, twice.
        for target in [20_000, 0, 6_000, 0] {
            while present.count != target {
                if present.count < target || random.isOneIn(5) {
                    #expect(rig.insert(next, KeyHash(rawValue: random.next())))
                    present.append(next)
                    next += 1
                }
                if present.count > target || (random.isOneIn(5) && !present.isEmpty) {
                    let position = random.below(present.count)
                    present.swapAt(position, present.count - 1)
                    #expect(rig.remove(present.removeLast()))
                }
                #expect(rig.index.count == present.count)
            }
            #expect(present.allSatisfy { rig.isFound($0) })
            let load = present.count / BucketIndex.splitLoad
            #expect(rig.index.buckets >= min(load, 8_192))
        }
        #expect(rig.index.buckets == BucketIndex.initialBuckets)
    }

    @Test func itemsThatAllFallIntoOneBucketAreFoundInItsChain() throws {
        let rig = try Rig()
        // The low 32 bits pick the bucket: these can never be split apart.
        for chunk in UInt32(1)...2_000 {
            #expect(rig.insert(chunk, KeyHash(rawValue: UInt64(chunk % 256) << 40 | 5)))
        }
        #expect((UInt32(1)...2_000).allSatisfy { rig.isFound($0) })
        for chunk in stride(from: UInt32(1), through: 2_000, by: 2) { #expect(rig.remove(chunk)) }
        for chunk in stride(from: UInt32(2), through: 2_000, by: 2) { #expect(rig.isFound(chunk)) }
        for chunk in UInt32(3_000)...4_000 {
            #expect(rig.insert(chunk, KeyHash(rawValue: UInt64(chunk % 256) << 40 | 5)))
        }
        #expect(rig.hashes.keys.allSatisfy { rig.isFound($0) })
        for chunk in Array(rig.hashes.keys) { #expect(rig.remove(chunk)) }
        #expect(rig.index.count == 0)
    }

    /// Overflow buckets beyond the first 64 KiB go back to the system when none is in use; those
    /// below once kept links of their earlier life, and a search then never ended.
    @Test func overflowBucketsAreUsableAgainAfterTheirMemoryWasGivenBack() throws {
        let rig = try Rig()
        var random = TestRandom(seed: TestEnvironment.seed)
        for _ in 1...2 {
            // Twice what the buckets are meant for: nearly all of the 8,192 overflow.
            for chunk in UInt32(1)...130_000 {
                #expect(rig.insert(chunk, KeyHash(rawValue: random.next())))
            }
            #expect(rig.index.bytes > 10 * BucketIndex.commitStepBytes)
            for chunk in stride(from: UInt32(1), through: 130_000, by: 37) {
                #expect(rig.isFound(chunk))
            }
            for chunk in UInt32(1)...130_000 { #expect(rig.remove(chunk)) }
            #expect(rig.index.bytes == 2 * BucketIndex.commitStepBytes)
        }
    }

    @Test func itemsOfEqualHashAreToldApart() throws {
        let rig = try Rig()
        let hash = KeyHash(rawValue: 0x00_7700_0000_0007)
        for chunk in UInt32(1)...40 { #expect(rig.insert(chunk, hash)) }
        #expect((UInt32(1)...40).allSatisfy { rig.isFound($0) })
        #expect(rig.remove(20))
        #expect(!rig.isFound(20))
        #expect((UInt32(1)...40).allSatisfy { $0 == 20 || rig.isFound($0) })
    }

    @Test func aMovedItemIsFoundInItsNewPlaceOnly() throws {
        let rig = try Rig()
        var random = TestRandom(seed: TestEnvironment.seed)
        for chunk in UInt32(1)...500 {
            #expect(rig.insert(chunk, KeyHash(rawValue: random.next())))
        }
        for chunk in UInt32(1)...500 { #expect(rig.replace(chunk, with: chunk + 10_000)) }
        #expect(rig.index.count == 500)
        #expect((UInt32(10_001)...10_500).allSatisfy { rig.isFound($0) })
    }

    /// Every pair of tags side by side, the second slot empty or not: a search may offer a slot
    /// whose tag is off by one bit, never an empty one.
    @Test func aSearchNeverOffersAnEmptySlot() throws {
        let rig = try Rig()
        for bits in UInt64(0)...255 {
            let hash = KeyHash(rawValue: bits << 40 | 9)
            #expect(rig.insert(1, hash))
            for other in UInt64(0)...255 {
                var probe = rig.index.probe(KeyHash(rawValue: other << 40 | 9))
                while let (candidate, _) = probe.next(in: rig.index) {
                    #expect(!candidate.isNone)
                }
            }
            #expect(rig.remove(1))
        }
    }

    @Test func memoryIsTakenAndGivenBackInSteps() throws {
        let rig = try Rig()
        let step = BucketIndex.commitStepBytes
        #expect(rig.index.bytes == 2 * step)
        var random = TestRandom(seed: 5)
        for chunk in UInt32(1)...40_000 {
            #expect(rig.insert(chunk, KeyHash(rawValue: random.next())))
        }
        let grown = rig.index.bytes
        #expect(grown >= rig.index.buckets * BucketIndex.bucketBytes + step && grown % step == 0)
        for chunk in UInt32(1)...40_000 { #expect(rig.remove(chunk)) }
        #expect(rig.index.bytes < grown)
    }
}
