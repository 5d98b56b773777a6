import Testing

@testable import CacheEngine

/// The list beside an array, with items of which only the links are used.
@Suite struct ItemListTests {
    private static let chunks = 40

    private struct Rig {
        let pool: PagePool
        var list = ItemList()
        /// Newest first.
        var order: [ChunkIndex] = []
        var free: [ChunkIndex] = []

        init() throws {
            pool = try PagePool(
                limitBytes: 1 << 20, reservedBytes: 2 << 20, pageBytes: 16 << 10, unitShift: 4)
            let page = try #require(pool.acquire())
            for number in 0..<ItemListTests.chunks {
                free.append(pool.memory.chunk(in: page, byteOffset: number * 48))
            }
        }

        mutating func push() {
            let chunk = free.removeLast()
            list.push(chunk, pool.memory)
            order.insert(chunk, at: 0)
        }

        mutating func remove(at position: Int) {
            let chunk = order.remove(at: position)
            list.remove(chunk, pool.memory)
            free.insert(chunk, at: 0)
        }

        mutating func move(at position: Int) {
            let (old, new) = (order[position], free.removeLast())
            pool.memory[new].next = pool.memory[old].next
            pool.memory[new].prev = pool.memory[old].prev
            list.moved(to: new, pool.memory)
            order[position] = new
            free.insert(old, at: 0)
        }

        /// Whether the list is the array, in both directions.
        func isSound() -> Bool {
            var (forward, backward): ([ChunkIndex], [ChunkIndex]) = ([], [])
            var chunk = list.newest
            while !chunk.isNone, forward.count <= order.count {
                forward.append(chunk)
                chunk = pool.memory[chunk].next
            }
            chunk = list.oldest
            while !chunk.isNone, backward.count <= order.count {
                backward.append(chunk)
                chunk = pool.memory[chunk].prev
            }
            return forward == order && backward.reversed() == order
                && list.isEmpty == order.isEmpty
        }
    }

    @Test func theListIsInTheOrderOfAnArrayWhateverIsDoneToIt() throws {
        var rig = try Rig()
        var random = TestRandom(seed: TestEnvironment.seed)
        #expect(rig.isSound())
        for _ in 0..<5_000 {
            // Short lists are the ones with ends that meet.
            let isLong = rig.order.count > random.below(6)
            switch random.below(4) {
            case 0 where !rig.order.isEmpty: rig.move(at: random.below(rig.order.count))
            case 1...2 where isLong && !rig.order.isEmpty:
                rig.remove(at: random.below(rig.order.count))
            default: if rig.free.count > 1 { rig.push() }
            }
            try #require(rig.isSound())
        }
    }
}
