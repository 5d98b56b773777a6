/// The LRU list: newest first, linked by chunk index.
extension Shard {
    mutating func pushNewest(_ chunk: ChunkIndex, at now: Instant) {
        let item = memory[chunk]
        item.prev = .none
        item.next = newest
        if newest.isNone { oldest = chunk } else { memory[newest].prev = chunk }
        newest = chunk
        item.accessTick = now.tick
        if options.maximumEntries != nil {
            item.stamp = shared.accessStamp.add(1, ordering: .relaxed).newValue
        }
        recent.moved(at: now, items: index.count)
    }

    mutating func leaveList(_ chunk: ChunkIndex) {
        let item = memory[chunk]
        let next = item.next
        let prev = item.prev
        if prev.isNone { newest = next } else { memory[prev].next = next }
        if next.isNone { oldest = prev } else { memory[next].prev = prev }
    }

    /// Notes a hit: the item becomes the newest, unless it is among the newest anyway.
    @inline(__always)
    mutating func noteAccess(_ chunk: ChunkIndex, at now: Instant) {
        if newest == chunk && options.maximumEntries == nil { return }
        if options.maximumEntries == nil
            && recent.covers(tick: memory[chunk].accessTick, items: index.count)
        {
            return
        }
        leaveList(chunk)
        pushNewest(chunk, at: now)
    }

    /// Removes the least recently used item to make room.
    mutating func evictOldest(at now: Instant) {
        remove(oldest, because: .evicted, at: now)
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
