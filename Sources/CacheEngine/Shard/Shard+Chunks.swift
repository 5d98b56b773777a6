/// Chunks: handing them out from the shard's pages, taking them back, finding room when there is
/// none.
extension Shard {
    /// A chunk of this class, evicting as needed; nil if nothing more can be evicted.
    ///
    /// It may remove items and move others: an index from before the call is void after it when
    /// `reclaims` changed.
    mutating func allocateChunk(_ sizeClass: SizeClass, at now: Instant) -> ChunkIndex? {
        while true {
            if let chunk = takeChunk(sizeClass) { return chunk }
            if let page = pool.acquire() {
                adopt(page, for: sizeClass)
            } else if !reclaim(for: sizeClass, at: now) {
                return nil
            }
        }
    }

    /// A free chunk on one of the class's pages.
    mutating func takeChunk(_ sizeClass: SizeClass) -> ChunkIndex? {
        let classNumber = Int(sizeClass.rawValue)
        let page = classes[classNumber].firstPartial
        guard !page.isNone else { return nil }
        let chunkBytes = pool.classes.chunkBytes(of: sizeClass)
        let perPage = pool.classes.chunksPerPage(of: sizeClass)
        let chunk: ChunkIndex
        if !pool[page].firstFree.isNone {
            chunk = pool[page].firstFree
            pool[page].firstFree = memory[chunk].next
        } else {
            chunk = memory.chunk(in: page, byteOffset: Int(pool[page].touched) * chunkBytes)
            pool[page].touched += 1
        }
        memory.unpoison(chunk, bytes: chunkBytes)
        pool[page].used += 1
        if Int(pool[page].used) == perPage { leavePartial(page) }
        classes[classNumber].freeChunks -= 1
        if classes[classNumber].freeChunks < perPage { surplus.set(sizeClass, false) }
        return chunk
    }

    /// Takes back a chunk; a page that is empty now goes back to the pool.
    mutating func freeChunk(_ chunk: ChunkIndex) {
        let page = memory.page(of: chunk)
        let sizeClass = pool[page].sizeClass
        let perPage = pool.classes.chunksPerPage(of: sizeClass)
        memory[chunk].setState(.free, length: 0)
        memory[chunk].next = pool[page].firstFree
        memory.poison(
            chunk, from: ItemLayout.keyLengthOffset,
            bytes: pool.classes.chunkBytes(of: sizeClass) - ItemLayout.keyLengthOffset)
        pool[page].firstFree = chunk
        pool[page].used -= 1
        classes[Int(sizeClass.rawValue)].freeChunks += 1
        if !pool[page].isPartial { joinPartial(page) }
        if pool[page].used == 0 {
            disown(page)
            pool.release(page)
        } else if classes[Int(sizeClass.rawValue)].freeChunks >= perPage {
            surplus.set(sizeClass, true)
        }
    }

    /// Makes room where the pool has none: empties a page of a class that has too many free
    /// chunks, else evicts the least recently used item. False if neither is possible.
    private mutating func reclaim(for sizeClass: SizeClass, at now: Instant) -> Bool {
        if let page = emptyPage(sparing: sizeClass) {
            adopt(page, for: sizeClass)
            return true
        }
        guard options.evicts, !oldest.isNone else { return false }
        evictOldest(at: now)
        return true
    }

    // -- pages --

    mutating func adopt(_ page: PageNumber, for sizeClass: SizeClass) {
        let perPage = pool.classes.chunksPerPage(of: sizeClass)
        pool[page] = PageRecord()
        pool[page].sizeClass = sizeClass
        memory.unpoison(memory.chunk(in: page, byteOffset: 0), bytes: pool.pageBytes)
        pool[page].nextOwned = firstOwned
        if !firstOwned.isNone { pool[firstOwned].prevOwned = page }
        firstOwned = page
        pageCount += 1
        classes[Int(sizeClass.rawValue)].pages += 1
        classes[Int(sizeClass.rawValue)].freeChunks += perPage
        joinPartial(page)
        surplus.set(sizeClass, classes[Int(sizeClass.rawValue)].freeChunks > perPage)
    }

    /// Takes an empty page off the shard's lists; the caller gives it a new use.
    mutating func disown(_ page: PageNumber) {
        let sizeClass = pool[page].sizeClass
        let perPage = pool.classes.chunksPerPage(of: sizeClass)
        if pool[page].isPartial { leavePartial(page) }
        let next = pool[page].nextOwned
        let prev = pool[page].prevOwned
        if prev.isNone { firstOwned = next } else { pool[prev].nextOwned = next }
        if !next.isNone { pool[next].prevOwned = prev }
        if sweepCursor == page { sweepCursor = next }
        pageCount -= 1
        let classNumber = Int(sizeClass.rawValue)
        classes[classNumber].pages -= 1
        classes[classNumber].freeChunks -= perPage
        surplus.set(sizeClass, classes[classNumber].freeChunks >= perPage)
    }

    private mutating func joinPartial(_ page: PageNumber) {
        let classNumber = Int(pool[page].sizeClass.rawValue)
        let first = classes[classNumber].firstPartial
        pool[page].isPartial = true
        pool[page].prevPartial = .none
        pool[page].nextPartial = first
        if !first.isNone { pool[first].prevPartial = page }
        classes[classNumber].firstPartial = page
    }

    mutating func leavePartial(_ page: PageNumber) {
        let classNumber = Int(pool[page].sizeClass.rawValue)
        let next = pool[page].nextPartial
        let prev = pool[page].prevPartial
        if prev.isNone {
            classes[classNumber].firstPartial = next
        } else {
            pool[prev].nextPartial = next
        }
        if !next.isNone { pool[next].prevPartial = prev }
        pool[page].isPartial = false
        pool[page].nextPartial = .none
        pool[page].prevPartial = .none
    }
}
