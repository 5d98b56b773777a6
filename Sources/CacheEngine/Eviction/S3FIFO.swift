/// S3-FIFO (Yang, Zhang, Qiu, Yue and Rashmi, "FIFO queues are all you need for cache eviction",
/// SOSP 2023): what is asked for only once leaves soon and takes nobody's place.
///
///     new ─► small, a tenth of the items ─┬─ asked for twice ─► main ─┬─ asked for ─► again
///                                         └─ not ─► evicted           └─ not ─► evicted
///                                                      │
///     new, and among the ghosts ─► main    ◄────────  ghosts: hashes of what left `small`
///
/// A hit moves nothing: it counts up to 3 in the item's header. Queues are measured in items, and
/// there are half as many ghosts as items (on the traces tried that was a little better than the
/// paper's 0.9, and is less memory).
///
/// With culling in force (`keepsAccessOrder`) both queues are in the order of the last access, so
/// that culling finds the least recently used item at the end of one of them: then a hit moves its
/// item to the front, the second one into `main`, and the last of a queue is evicted as it is.
struct S3FIFO: ~Copyable {
    private(set) var small = ItemList()
    private(set) var main = ItemList()
    private(set) var smallItems = 0
    private var ghosts = GhostTable()
    /// Not evicted for now: room is being made for what replaces it.
    private var kept = ChunkIndex.none
    private let keepsAccessOrder: Bool

    /// Hits that take an item from `small` to `main`.
    private static let promotingHits: UInt8 = 2
    /// Items that one eviction moves at most. Were everything in `main` hot, the search would
    /// otherwise go round it three times, with the shard locked.
    private static let movesPerEviction = 64

    init(keepsAccessOrder: Bool) { self.keepsAccessOrder = keepsAccessOrder }

    /// Bytes that the ghosts take.
    var bytes: Int { ghosts.bytes }

    /// Takes in an item that is new, or that takes the place of one in `main`.
    mutating func add(_ chunk: ChunkIndex, _ hash: KeyHash, _ memory: ChunkMemory) {
        let bits = memory[chunk].bits
        // What replaces an item of `small` has hits already.
        let isPromoted = keepsAccessOrder && bits.hits >= S3FIFO.promotingHits
        if !bits.contains(.main), ghosts.take(hash) || isPromoted {
            memory[chunk].bits.insert(.main)
        }
        push(chunk, memory)
    }

    mutating func remove(_ chunk: ChunkIndex, _ memory: ChunkMemory) {
        if chunk == kept { kept = .none }
        if memory[chunk].bits.contains(.main) {
            main.remove(chunk, memory)
        } else {
            small.remove(chunk, memory)
            smallItems -= 1
        }
    }

    mutating func moved(from old: ChunkIndex, to chunk: ChunkIndex, _ memory: ChunkMemory) {
        if old == kept { kept = chunk }
        if memory[chunk].bits.contains(.main) {
            main.moved(to: chunk, memory)
        } else {
            small.moved(to: chunk, memory)
        }
    }

    @inline(__always)
    mutating func noteAccess(_ chunk: ChunkIndex, _ memory: ChunkMemory) {
        let hits = memory[chunk].bits.hits
        if hits < 3 { memory[chunk].bits.hits = hits + 1 }
        guard keepsAccessOrder else { return }
        remove(chunk, memory)
        if hits + 1 >= S3FIFO.promotingHits { memory[chunk].bits.insert(.main) }
        push(chunk, memory)
    }

    /// Keeps an item while room is made for what replaces it. It is no hit: that is counted when
    /// it is replaced.
    mutating func protect(_ chunk: ChunkIndex, _ memory: ChunkMemory) {
        if keepsAccessOrder {
            remove(chunk, memory)
            push(chunk, memory)
        }
        kept = chunk
    }

    mutating func endProtection() { kept = .none }

    private mutating func push(_ chunk: ChunkIndex, _ memory: ChunkMemory) {
        if memory[chunk].bits.contains(.main) {
            main.push(chunk, memory)
        } else {
            small.push(chunk, memory)
            smallItems += 1
        }
    }

    /// The item to be evicted now, of `items` in all; none if there is none.
    mutating func victim(items: Int, _ memory: ChunkMemory) -> ChunkIndex {
        for _ in 0..<S3FIFO.movesPerEviction {
            let chunk = candidate(items: items, memory)
            guard !chunk.isNone, !keepsAccessOrder else { return chunk }
            let bits = memory[chunk].bits
            if bits.contains(.main) {
                guard bits.hits > 0 else { return chunk }
                main.remove(chunk, memory)
                memory[chunk].bits.hits = bits.hits - 1
            } else {
                guard bits.hits >= S3FIFO.promotingHits else { return chunk }
                remove(chunk, memory)
                memory[chunk].bits.insert(.main)
                memory[chunk].bits.hits = 0
            }
            main.push(chunk, memory)
        }
        return candidate(items: items, memory)
    }

    /// The last item of the queue that is over its share, but for the one that is kept.
    func candidate(items: Int, _ memory: ChunkMemory) -> ChunkIndex {
        let isSmallFull = smallItems > 0 && smallItems >= items / 10
        let isSmallNext = isSmallFull || main.isEmpty
        let oldest = isSmallNext ? small.oldest : main.oldest
        guard !oldest.isNone, oldest == kept else { return oldest }
        let second = memory[oldest].prev
        guard second.isNone else { return second }
        return isSmallNext ? main.oldest : small.oldest
    }

    /// The item at the end of either queue that was accessed longer ago.
    func leastRecent(_ memory: ChunkMemory) -> ChunkIndex {
        if small.isEmpty { return main.oldest }
        if main.isEmpty { return small.oldest }
        return memory[small.oldest].stamp < memory[main.oldest].stamp
            ? small.oldest : main.oldest
    }

    /// Notes that an item leaves because of its place at the end of its queue.
    mutating func noteEviction(
        _ chunk: ChunkIndex, _ hash: KeyHash, items: Int, _ memory: ChunkMemory
    ) {
        if !memory[chunk].bits.contains(.main) { ghosts.remember(hash, items: items) }
    }
}
