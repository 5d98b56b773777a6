import Glibc

/// Emptying a page by moving what is on it, so that another size class can have it: no class
/// starves while another hoards.
extension Shard {
    /// How many of a class's pages are looked at for the emptiest.
    private static let pagesConsidered = 32

    /// An empty page, off the shard's lists, from any class with at least a page's worth of free
    /// chunks; nil if there is none, or if what is on those pages is being sent or filled.
    /// - Parameter sparing: a class that is left alone, because the page is wanted for it.
    mutating func emptyPage(sparing spared: SizeClass?) -> PageNumber? {
        guard !surplus.isEmpty else { return nil }
        var chosen = PageNumber.none
        // A copy: the set changes when a page is taken, and then the search ends.
        let candidates = surplus
        candidates.forEach { sizeClass in
            guard sizeClass != spared else { return true }
            chosen = emptiestMovablePage(of: sizeClass)
            return chosen.isNone
        }
        guard !chosen.isNone else { return nil }
        moveAway(from: chosen)
        disown(chosen)
        counters.movedPages += 1
        return chosen
    }

    private func emptiestMovablePage(of sizeClass: SizeClass) -> PageNumber {
        var best = PageNumber.none
        var page = classes[Int(sizeClass.rawValue)].firstPartial
        var looked = 0
        while !page.isNone, looked < Shard.pagesConsidered {
            if pool.pages[page].held == 0,
                best.isNone || pool.pages[page].used < pool.pages[best].used
            {
                best = page
            }
            page = pool.pages[page].nextPartial
            looked += 1
        }
        return best
    }

    /// Visits every chunk of the page that was ever handed out, until `body` returns false.
    func forEachChunk(on page: PageNumber, _ body: (ChunkIndex) -> Bool) {
        let chunkBytes = pool.classes.chunkBytes(of: pool.pages[page].sizeClass)
        for position in 0..<Int(pool.pages[page].touched) {
            let chunk = memory.chunk(in: page, byteOffset: position * chunkBytes)
            if !body(chunk) { return }
        }
    }

    private mutating func moveAway(from page: PageNumber) {
        let sizeClass = pool.pages[page].sizeClass
        let chunkBytes = pool.classes.chunkBytes(of: sizeClass)
        // Off the list, so that nothing is moved within the page.
        leavePartial(page)
        for position in 0..<Int(pool.pages[page].touched) {
            let source = memory.chunk(in: page, byteOffset: position * chunkBytes)
            guard memory[source].state != .free else { continue }
            guard let target = takeChunk(sizeClass) else {
                preconditionFailure("a class with a page's worth of free chunks had none")
            }
            // SAFETY: two distinct chunks of the same size.
            unsafe memcpy(memory[target].base, memory[source].base, chunkBytes)
            if memory[target].state == .piece {
                pieceMoved(to: target)
            } else {
                itemMoved(from: source, to: target)
                noteExpiry(of: target)
            }
            pool.pages[page].used -= 1
            classes[Int(sizeClass.rawValue)].freeChunks += 1
            memory[source].setState(.free, length: 0)
            counters.movedChunks += 1
        }
    }

    private func pieceMoved(to target: ChunkIndex) {
        let piece = memory[target]
        if piece.prev.isNone {
            memory[piece.owner].firstPiece = target
        } else {
            memory[piece.prev].next = target
        }
        if !piece.next.isNone { memory[piece.next].prev = target }
    }

    private mutating func itemMoved(from source: ChunkIndex, to target: ChunkIndex) {
        let item = memory[target]
        listedItemMoved(from: source, to: target)
        if item.isChained {
            memory.forEachPiece(of: target) { memory[$0].owner = target }
        }
        var probe = index.probe(hash(of: target))
        while let (candidate, slot) = probe.next(in: index) {
            if candidate == source {
                index.replace(slot, with: target)
                return
            }
        }
        preconditionFailure("a linked item is not in the index")
    }

    func hash(of chunk: ChunkIndex) -> KeyHash {
        unsafe options.hasher.hash(
            Span(
                _unsafeElements:
                    UnsafeRawBufferPointer(memory[chunk].keyBytes).bindMemory(to: UInt8.self)))
    }

    /// Items evicted in one go on behalf of others, so that the lock is not held for long.
    static let evictionsAtOnce = 256

    enum Donation {
        /// The pool has a page more.
        case page
        /// Items were evicted, but no page is empty yet: call again.
        case progress
        case nothing
    }

    /// Gives one page to the pool, evicting as needed; for another shard, or a lower limit.
    mutating func donatePage(at now: Instant) -> Donation {
        for _ in 0..<Shard.evictionsAtOnce {
            if let page = emptyPage(sparing: nil) {
                pool.release(page)
                return .page
            }
            let before = pageCount
            guard options.evicts, evictOne(at: now) else { return .nothing }
            if pageCount < before { return .page }
        }
        return .progress
    }
}
