/// Chunks: handing them out from the shard's pages, taking them back, finding room when there is
/// none.
extension Shard {
    /// A chunk of this class, evicting as needed; nil if nothing more can be evicted, or if another
    /// shard should give a page (`asksOthers`).
    ///
    /// It may remove items and move others: a `ChunkIndex` from before the call may be void.
    mutating func allocateChunk(_ sizeClass: SizeClass, at now: Instant) -> ChunkIndex? {
        while true {
            if let chunk = takeChunk(sizeClass) { return chunk }
            // Shards are kept at about equal shares: what one's evictions free, and any page that
            // is left, goes to those that have less.
            let hasItsShare = pageCount >= fairPages + max(1, fairPages / 16) && pool.isNearlyFull
            if !hasItsShare, acquirePage(for: sizeClass) { continue }
            let isPoor = pageCount < fairPages - fairPages / 8
            if !(asksOthers && isPoor), reclaim(for: sizeClass, at: now) { continue }
            if hasItsShare, acquirePage(for: sizeClass) { continue }
            failedClass = sizeClass
            return nil
        }
    }

    /// The pages of each shard if all had as many.
    var fairPages: Int { pool.limitBytes / pool.pageBytes >> options.shardBits }

    private mutating func acquirePage(for sizeClass: SizeClass) -> Bool {
        guard let page = pool.acquire() else { return false }
        adopt(page, for: sizeClass)
        return true
    }

    /// A free chunk on one of the class's pages.
    mutating func takeChunk(_ sizeClass: SizeClass) -> ChunkIndex? {
        let classNumber = Int(sizeClass.rawValue)
        let page = classes[classNumber].firstPartial
        guard !page.isNone else { return nil }
        let chunkBytes = pool.classes.chunkBytes(of: sizeClass)
        let perPage = pool.classes.chunksPerPage(of: sizeClass)
        let chunk: ChunkIndex
        if !pool.pages[page].firstFree.isNone {
            chunk = pool.pages[page].firstFree
            pool.pages[page].firstFree = memory[chunk].next
        } else {
            chunk = memory.chunk(in: page, byteOffset: Int(pool.pages[page].touched) * chunkBytes)
            pool.pages[page].touched += 1
        }
        memory.unpoison(chunk, bytes: chunkBytes)
        pool.pages[page].used += 1
        if Int(pool.pages[page].used) == perPage { leavePartial(page) }
        classes[classNumber].freeChunks -= 1
        if classes[classNumber].freeChunks < perPage { surplus.set(sizeClass, false) }
        return chunk
    }

    /// Takes back a chunk; a page that is empty now goes back to the pool.
    mutating func freeChunk(_ chunk: ChunkIndex) {
        let page = memory.page(of: chunk)
        let sizeClass = pool.pages[page].sizeClass
        let perPage = pool.classes.chunksPerPage(of: sizeClass)
        memory[chunk].setState(.free, length: 0)
        memory[chunk].next = pool.pages[page].firstFree
        memory.poison(
            chunk, from: ItemLayout.keyLengthOffset,
            bytes: pool.classes.chunkBytes(of: sizeClass) - ItemLayout.keyLengthOffset)
        pool.pages[page].firstFree = chunk
        pool.pages[page].used -= 1
        classes[Int(sizeClass.rawValue)].freeChunks += 1
        if !pool.pages[page].isPartial { joinPartial(page) }
        if pool.pages[page].used == 0 {
            disown(page)
            pool.release(page)
        } else if classes[Int(sizeClass.rawValue)].freeChunks >= perPage {
            surplus.set(sizeClass, true)
        }
    }

    /// Makes room where the pool has none: empties a page of a class that has too many free
    /// chunks, else evicts an item. False if neither is possible.
    private mutating func reclaim(for sizeClass: SizeClass, at now: Instant) -> Bool {
        if let page = emptyPage(sparing: sizeClass) {
            adopt(page, for: sizeClass)
            return true
        }
        return options.evicts && evictOne(at: now)
    }

    // -- pages --

    mutating func adopt(_ page: PageNumber, for sizeClass: SizeClass) {
        let perPage = pool.classes.chunksPerPage(of: sizeClass)
        pool.pages[page] = PageRecord()
        pool.pages[page].sizeClass = sizeClass
        memory.unpoison(memory.chunk(in: page, byteOffset: 0), bytes: pool.pageBytes)
        pool.pages[page].nextOwned = firstOwned
        if !firstOwned.isNone { pool.pages[firstOwned].prevOwned = page }
        firstOwned = page
        pageCount += 1
        classes[Int(sizeClass.rawValue)].pages += 1
        classes[Int(sizeClass.rawValue)].freeChunks += perPage
        joinPartial(page)
        surplus.set(sizeClass, classes[Int(sizeClass.rawValue)].freeChunks > perPage)
    }

    /// Takes an empty page off the shard's lists; the caller gives it a new use.
    mutating func disown(_ page: PageNumber) {
        let sizeClass = pool.pages[page].sizeClass
        let perPage = pool.classes.chunksPerPage(of: sizeClass)
        if pool.pages[page].isPartial { leavePartial(page) }
        let next = pool.pages[page].nextOwned
        let prev = pool.pages[page].prevOwned
        if prev.isNone { firstOwned = next } else { pool.pages[prev].nextOwned = next }
        if !next.isNone { pool.pages[next].prevOwned = prev }
        if sweepCursor == page {
            sweepCursor = next
            sweepPosition = 0
        }
        pageCount -= 1
        let classNumber = Int(sizeClass.rawValue)
        classes[classNumber].pages -= 1
        classes[classNumber].freeChunks -= perPage
        surplus.set(sizeClass, classes[classNumber].freeChunks >= perPage)
    }

    private mutating func joinPartial(_ page: PageNumber) {
        let classNumber = Int(pool.pages[page].sizeClass.rawValue)
        let first = classes[classNumber].firstPartial
        pool.pages[page].isPartial = true
        pool.pages[page].prevPartial = .none
        pool.pages[page].nextPartial = first
        if !first.isNone { pool.pages[first].prevPartial = page }
        classes[classNumber].firstPartial = page
    }

    mutating func leavePartial(_ page: PageNumber) {
        let classNumber = Int(pool.pages[page].sizeClass.rawValue)
        let next = pool.pages[page].nextPartial
        let prev = pool.pages[page].prevPartial
        if prev.isNone {
            classes[classNumber].firstPartial = next
        } else {
            pool.pages[prev].nextPartial = next
        }
        if !next.isNone { pool.pages[next].prevPartial = prev }
        pool.pages[page].isPartial = false
        pool.pages[page].nextPartial = .none
        pool.pages[page].prevPartial = .none
    }
}
