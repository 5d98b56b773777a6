/// Least recently used goes first: one list, in the order of the last access.
///
/// While hits are stamped for culling, or the list is small, every hit moves its item and the
/// order is exact. In a large list the newest eighth stays as it is (see ``RecentBoundary``).
struct LRU {
    private(set) var list = ItemList()
    private var recent = RecentBoundary()

    mutating func add(
        _ chunk: ChunkIndex, items: Int, at now: Instant, _ memory: ChunkMemory
    ) {
        list.push(chunk, memory)
        recent.moved(at: now, items: items)
    }

    mutating func remove(_ chunk: ChunkIndex, _ memory: ChunkMemory) {
        list.remove(chunk, memory)
    }

    mutating func moved(to chunk: ChunkIndex, _ memory: ChunkMemory) {
        list.moved(to: chunk, memory)
    }

    /// Keeps the time of the newest item's access, to the second; another recent one keeps the time
    /// when it was moved, by which ``isRecent(_:items:_:)`` knows its place.
    @inline(__always)
    func noteTime(of chunk: ChunkIndex, at now: Instant, _ memory: ChunkMemory) {
        guard list.newest == chunk else { return }
        // Written once a second: a cache line that stays clean is cheaper.
        if now.tick &- memory[chunk].accessTick >= Instant.ticksPerSecond {
            memory[chunk].accessTick = now.tick
        }
    }

    /// Whether a hit need not move the item. What is in front stays there whenever it is read.
    @inline(__always)
    func isRecent(_ chunk: ChunkIndex, items: Int, _ memory: ChunkMemory) -> Bool {
        list.newest == chunk || recent.covers(tick: memory[chunk].accessTick, items: items)
    }
}

/// Tells whether an item is in the newest eighth of a shard's LRU list, without counting: it
/// remembers when the list last turned over by an eighth.
///
/// Moving what is there already would change little and cost three cache misses. A small list is
/// kept in exact order instead: its items are in the processor's cache anyway.
struct RecentBoundary {
    /// Lists shorter than this are kept exact.
    static let exactItems = 1 << 16
    private static let samples = 8

    private var ticks = InlineArray<8, UInt32>(repeating: 0)
    private var position = 0
    private var movesLeft = 0

    /// An item was put at the front of a list of `items`.
    @inline(__always)
    mutating func moved(at now: Instant, items: Int) {
        movesLeft &-= 1
        if movesLeft < 0 {
            // Eight samples, each a 64th of the list apart.
            movesLeft = items >> 6
            ticks[position] = now.tick
            position = (position + 1) % RecentBoundary.samples
        }
    }

    /// Whether an item last moved at `tick` is among the newest eighth.
    @inline(__always)
    func covers(tick: UInt32, items: Int) -> Bool {
        guard items >= RecentBoundary.exactItems else { return false }
        // Wrapping: ticks are compared as distances from the boundary.
        let boundary = ticks[position]
        return Int32(bitPattern: tick &- boundary) > 0
    }
}
