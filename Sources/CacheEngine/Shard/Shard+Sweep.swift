/// Reclaiming what is dead: in memory order, a bounded slice at a time.
extension Shard {
    /// Sweeps pages from where the last call stopped and removes what expired or was flushed.
    /// - Parameter work: how much at most: a chunk looked at counts 1, a removal 32, so that 16,384
    ///   are well under a millisecond.
    /// - Returns: true when the end of the shard's pages is reached.
    mutating func sweep(work: Int, at now: Instant) -> Bool {
        var left = work
        if sweepCursor.isNone {
            sweepCursor = firstOwned
            sweepPosition = 0
        }
        while !sweepCursor.isNone {
            let page = sweepCursor
            // A page without anything dead costs only this look, unless it is half done.
            if sweepPosition > 0 || flushedItems > 0
                || pool.pages[page].earliestExpiry <= now.seconds
            {
                guard left > 0 else { return false }
                sweepPage(page, &left, at: now)
                // It was emptied, and the cursor is on the next page already.
                guard sweepCursor == page else { continue }
                if sweepPosition < Int(pool.pages[page].touched) { return false }
            }
            sweepCursor = pool.pages[page].nextOwned
            sweepPosition = 0
        }
        return true
    }

    /// Makes the next sweep begin with the first page.
    mutating func restartSweep() {
        // What was not looked at yet on a page half done may expire at any time.
        if sweepPosition > 0 { pool.pages[sweepCursor].earliestExpiry = 0 }
        sweepCursor = .none
        sweepPosition = 0
    }

    private mutating func sweepPage(_ page: PageNumber, _ left: inout Int, at now: Instant) {
        let sizeClass = pool.pages[page].sizeClass
        let chunkBytes = pool.classes.chunkBytes(of: sizeClass)
        var looked: UInt64 = 0
        var removed: UInt64 = 0
        defer {
            classes[Int(sizeClass.rawValue)].crawled += looked
            classes[Int(sizeClass.rawValue)].crawlReclaimed += removed
        }
        // From here on, whatever lives on the page lowers it again.
        if sweepPosition == 0 { pool.pages[page].earliestExpiry = .max }
        while sweepPosition < Int(pool.pages[page].touched) {
            guard left > 0 else { return }
            let chunk = memory.chunk(in: page, byteOffset: sweepPosition * chunkBytes)
            sweepPosition += 1
            left -= 1
            guard memory[chunk].state == .linked else { continue }
            looked += 1
            if let reason = death(of: chunk, at: now) {
                left -= 31
                removed += 1
                remove(chunk, because: reason, at: now)
                if sweepCursor != page { return }
            } else {
                noteExpiry(of: chunk)
            }
        }
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

    /// Removes every flushed item at once.
    /// - Complexity: O(chunks).
    mutating func dropFlushed() {
        guard flushedItems > 0 else { return }
        var page = firstOwned
        while !page.isNone {
            let next = pool.pages[page].nextOwned
            var flushed: [ChunkIndex] = []
            forEachChunk(on: page) { chunk in
                let isLinked = memory[chunk].state == .linked
                if isLinked, memory[chunk].sequence <= flushedSequence { flushed.append(chunk) }
                return true
            }
            // The time does not matter: they are dead already.
            for chunk in flushed { remove(chunk, because: .flushed, at: Instant(milliseconds: 0)) }
            page = next
        }
    }

    /// Removes up to `count` of the oldest items whose stamp is under `limit`, dead ones included.
    /// - Returns: how many were removed.
    mutating func cullOldest(_ count: Int, stampUnder limit: UInt64, at now: Instant) -> Int {
        var removed = 0
        while removed < count {
            let oldest = leastRecent
            guard !oldest.isNone, memory[oldest].stamp < limit else { break }
            remove(oldest, because: death(of: oldest, at: now) ?? .culled, at: now)
            removed += 1
        }
        return removed
    }
}
