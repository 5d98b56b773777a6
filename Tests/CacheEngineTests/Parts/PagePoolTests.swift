import Testing

@testable import CacheEngine

@Suite struct PagePoolTests {
    static let page = 16 << 10

    private func makePool(pages: Int) throws -> PagePool {
        try PagePool(
            limitBytes: pages * Self.page, reservedBytes: 4 << 20, pageBytes: Self.page,
            unitShift: 4)
    }

    @Test func lendsAsManyPagesAsTheLimitHasRoomForAndEachOnce() throws {
        let pool = try makePool(pages: 10)
        let pages = (0..<10).compactMap { _ in pool.acquire() }
        #expect(Set(pages.map(\.rawValue)).count == 10)
        #expect(pool.acquire() == nil)
        #expect(pool.heldPages == 10 && pool.chargedBytes == pool.limitBytes)
        pool.release(pages[3])
        #expect(pool.heldPages == 9)
        #expect(pool.acquire() == pages[3])
        #expect(pool.acquire() == nil)
    }

    @Test func theIndexTakesRoomFromThePages() throws {
        let pool = try makePool(pages: 10)
        pool.chargeIndex(Self.page * 3 + 1)
        #expect((0..<10).compactMap { _ in pool.acquire() }.count == 6)
        pool.chargeIndex(-Self.page * 3 - 1)
        #expect((0..<10).compactMap { _ in pool.acquire() }.count == 4)
    }

    @Test func buffersTakeAQuarterAtMost() throws {
        let pool = try makePool(pages: 8)
        pool.chargeBuffers(100 * Self.page)
        #expect(pool.chargedBytes == 2 * Self.page)
        #expect((0..<10).compactMap { _ in pool.acquire() }.count == 6)
        pool.chargeBuffers(-100 * Self.page)
        #expect((0..<10).compactMap { _ in pool.acquire() }.count == 2)
    }

    @Test func aLowerLimitTakesFreePagesFirstAndThenRefuses() throws {
        let pool = try makePool(pages: 10)
        let pages = (0..<8).compactMap { _ in pool.acquire() }
        pool.setLimit(5 * Self.page)
        #expect(pool.isOverLimit && pool.acquire() == nil)
        for page in pages.prefix(4) { pool.release(page) }
        #expect(!pool.isOverLimit && pool.heldPages == 4)
        #expect(pool.acquire() != nil && pool.acquire() == nil)
        pool.setLimit(100 << 30)
        #expect(pool.limitBytes == pool.reservedBytes)
    }

    /// What the limit has no room for goes back to the system, and reads as zero afterwards.
    @Test func freePagesBeyondTheLimitAreDiscarded() throws {
        let pool = try makePool(pages: 4)
        let pages = (0..<4).compactMap { _ in pool.acquire() }
        for page in pages {
            pool.memory[pool.memory.chunk(in: page, byteOffset: 64)].next = ChunkIndex(rawValue: 9)
            pool.release(page)
        }
        pool.setLimit(2 * Self.page)
        pool.setLimit(4 * Self.page)
        let again = (0..<4).compactMap { _ in pool.acquire() }
        #expect(Set(again.map(\.rawValue)) == Set(pages.map(\.rawValue)))
        let kept = again.filter {
            !pool.memory[pool.memory.chunk(in: $0, byteOffset: 64)].next.isNone
        }
        #expect(kept.count == 2)
    }

    @Test func chunksAndPagesFindEachOther() throws {
        let pool = try makePool(pages: 12)
        for _ in 0..<12 {
            guard let page = pool.acquire() else { continue }
            for offset in stride(from: 0, to: Self.page, by: 16) {
                let chunk = pool.memory.chunk(in: page, byteOffset: offset)
                guard !chunk.isNone, pool.memory.page(of: chunk) == page else {
                    Issue.record("offset \(offset) of page \(page.rawValue)")
                    return
                }
            }
        }
    }

    @Test func randomUseNeverBreaksTheLimit() throws {
        let pool = try makePool(pages: 40)
        var random = TestRandom(seed: TestEnvironment.seed)
        var held: [PageNumber] = []
        for _ in 0..<20_000 {
            switch random.below(20) {
            case 0..<9: if let page = pool.acquire() { held.append(page) }
            case 9..<17 where !held.isEmpty: pool.release(held.remove(at: random.below(held.count)))
            case 17: pool.setLimit(random.between(10, 200) * Self.page)
            default: break
            }
            #expect(pool.heldPages == held.count)
            #expect(pool.chargedBytes == held.count * Self.page)
        }
        #expect(Set(held.map(\.rawValue)).count == held.count)
    }
}
