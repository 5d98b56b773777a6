/// Reclaiming what is dead: in memory order, a bounded slice at a time.
extension Shard {
    /// Sweeps pages from where the last call stopped and removes what expired or was flushed.
    /// - Parameter pages: how many pages at most, at about 10 ns a chunk.
    /// - Returns: true when the end of the shard's pages is reached.
    mutating func sweep(pages: Int, at now: Instant) -> Bool {
        var left = pages
        var page = sweepCursor.isNone ? firstOwned : sweepCursor
        while !page.isNone {
            // A page without anything dead costs only this look.
            if flushedItems > 0 || pool[page].earliestExpiry <= now.seconds {
                guard left > 0 else {
                    sweepCursor = page
                    return false
                }
                left -= 1
                // Set before the sweep: it moves on if the page goes empty and away.
                sweepCursor = page
                sweepPage(page, at: now)
                guard sweepCursor == page else {
                    page = sweepCursor
                    continue
                }
            }
            page = pool[page].nextOwned
        }
        sweepCursor = .none
        return true
    }

    private mutating func sweepPage(_ page: PageNumber, at now: Instant) {
        let chunkBytes = pool.classes.chunkBytes(of: pool[page].sizeClass)
        let touched = Int(pool[page].touched)
        var earliest = UInt32.max
        for position in 0..<touched {
            let chunk = memory.chunk(in: page, byteOffset: position * chunkBytes)
            guard memory[chunk].state == .linked else { continue }
            if let reason = death(of: chunk, at: now) {
                remove(chunk, because: reason, at: now)
                // The last chunk is gone, and the page with it.
                if sweepCursor != page { return }
            } else if memory[chunk].expiry.second != 0 {
                earliest = min(earliest, memory[chunk].expiry.second)
            }
        }
        pool[page].earliestExpiry = earliest
    }

    /// Makes everything stored so far dead. Its memory comes back with the sweep.
    /// - Complexity: O(1).
    mutating func flush() {
        let dying = liveItems
        counters.flushed += UInt64(dying)
        flushedItems += dying
        flushedSequence = sequence
        if options.maximumEntries != nil { shared.entries.subtract(dying, ordering: .relaxed) }
    }

    /// Removes up to `count` of the oldest items whose stamp is under `limit`.
    /// - Returns: how many were culled; what had died before does not count.
    mutating func cullOldest(_ count: Int, stampUnder limit: UInt64, at now: Instant) -> Int {
        var culled = 0
        while culled < count, !oldest.isNone, memory[oldest].stamp < limit {
            let reason = death(of: oldest, at: now)
            remove(oldest, because: reason ?? .culled, at: now)
            if reason == nil { culled += 1 }
        }
        return culled
    }
}
