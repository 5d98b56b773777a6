@testable import CacheEngine

/// Pages and chunks: every chunk is in exactly one state, and all counts agree.
extension InvariantCheck {
    func checkPages(_ shard: borrowing Shard, _ number: Int) -> ShardTally {
        var tally = ShardTally(
            classes: Array(repeating: ClassTally(), count: shard.pool.classes.count))
        var sweepCursorIsOwned = shard.sweepCursor.isNone
        var previous = PageNumber.none
        var page = shard.firstOwned
        while !page.isNone, tally.pages <= shard.pageCount {
            own(page, by: number)
            expect(shard.pool.pages[page].prevOwned == previous, "a page's owned links disagree")
            if page == shard.sweepCursor { sweepCursorIsOwned = true }
            checkPage(page, shard, &tally)
            tally.pages += 1
            previous = page
            page = shard.pool.pages[page].nextOwned
        }
        checkHeld(shard)
        expect(tally.pages == shard.pageCount, "the shard counts its pages wrongly")
        expect(sweepCursorIsOwned, "the sweep stands on another shard's page")
        expect(tally.pieces == tally.chainedPieces, "a piece belongs to no item")
        return tally
    }

    private func checkHeld(_ shard: borrowing Shard) {
        var page = shard.firstOwned
        var seen = 0
        while !page.isNone, seen <= shard.pageCount {
            let held = heldOnPage[page.rawValue] ?? 0
            expect(
                Int(shard.pool.pages[page].held) == held,
                "page \(page.rawValue): \(shard.pool.pages[page].held) chunks held, not \(held)")
            seen += 1
            page = shard.pool.pages[page].nextOwned
        }
    }

    private func noteHeld(_ chunk: ChunkIndex, _ shard: borrowing Shard) {
        heldOnPage[shard.memory.page(of: chunk).rawValue, default: 0] += 1
    }

    private func checkPage(
        _ page: PageNumber, _ shard: borrowing Shard, _ tally: inout ShardTally
    ) {
        let record = shard.pool.pages[page]
        let classNumber = Int(record.sizeClass.rawValue)
        let perPage = shard.pool.classes.chunksPerPage(of: record.sizeClass)
        let chunkBytes = shard.pool.classes.chunkBytes(of: record.sizeClass)
        var used = 0
        var bytes = 0
        for position in 0..<Int(record.touched) {
            let chunk = shard.memory.chunk(in: page, byteOffset: position * chunkBytes)
            let item = shard.memory[chunk]
            guard item.state != .free else { continue }
            used += 1
            if item.state == .piece {
                tally.pieces += 1
                bytes += item.length + ItemLayout.pieceHeaderBytes
                continue
            }
            if item.state == .linked {
                tally.linked += 1
                tally.classes[classNumber].items += 1
                bytes += item.headBytes
                if item.sequence <= shard.flushedSequence { tally.flushed += 1 }
            }
            expect(item.headBytes <= chunkBytes, "an item is longer than its chunk")
            // What a sweep has not reached yet of a page half done will be looked at anyway.
            let isAwaited = page == shard.sweepCursor && position >= shard.sweepPosition
            checkItem(chunk, shard, earliestExpiry: isAwaited ? 0 : record.earliestExpiry, &tally)
        }
        expect(used == Int(record.used), "page \(page.rawValue): \(record.used) used, not \(used)")
        expect(used > 0, "an empty page is kept")
        expect(Int(record.touched) <= perPage, "more chunks than the page has")
        expect(record.isPartial == (used < perPage), "a page with room is not on its list")
        checkFreeList(of: page, shard, free: Int(record.touched) - used)
        tally.bytes += bytes
        tally.classes[classNumber].bytes += bytes
        tally.classes[classNumber].pages += 1
        tally.classes[classNumber].partialPages += record.isPartial ? 1 : 0
        tally.classes[classNumber].freeChunks += perPage - used
    }

    private func checkFreeList(
        of page: PageNumber, _ shard: borrowing Shard, free: Int
    ) {
        var count = 0
        var chunk = shard.pool.pages[page].firstFree
        while !chunk.isNone, count <= free {
            expect(shard.memory.page(of: chunk) == page, "a free chunk is on another page's list")
            expect(shard.memory[chunk].state == .free, "a chunk in use is on the free list")
            count += 1
            chunk = shard.memory[chunk].next
        }
        expect(count == free, "the free list has \(count) chunks, not \(free)")
    }

    /// An item's chain, references and expiry.
    private func checkItem(
        _ chunk: ChunkIndex, _ shard: borrowing Shard, earliestExpiry: UInt32,
        _ tally: inout ShardTally
    ) {
        let item = shard.memory[chunk]
        let isLinked = item.state == .linked
        let second = item.expiry.second
        if isLinked, second != 0 {
            expect(earliestExpiry <= second, "the sweep would miss an expiry")
        }
        let isStamped = shard.options.maximumEntries != nil
        expect(item.bits.contains(.stamped) == isStamped, "an item's stamp bit is wrong")
        guard item.isChained else {
            expect(isLinked, "a detached item that nobody can hold")
            return
        }
        tally.references += Int(item.references)
        expect(isLinked || item.references > 0, "a detached item that nobody holds")
        let isHeld = item.references > 0
        if isHeld { noteHeld(chunk, shard) }
        var length = 0
        var previous = ChunkIndex.none
        var piece = item.firstPiece
        while !piece.isNone, length <= item.length {
            let part = shard.memory[piece]
            expect(part.state == .piece, "a chain has a link that is no piece")
            expect(part.owner == chunk, "a piece names another owner")
            expect(part.prev == previous, "a chain's links disagree")
            expect(part.length > 0, "a piece without bytes")
            if isHeld { noteHeld(piece, shard) }
            tally.chainedPieces += 1
            length += part.length
            previous = piece
            piece = part.next
        }
        // While it is being filled, a value has only some of its pieces.
        expect(
            isLinked ? length == item.length : length <= item.length,
            "a chain of \(length) bytes for a value of \(item.length)")
    }

    func checkClasses(_ shard: borrowing Shard, _ tally: ShardTally) {
        var surplus: [UInt8] = []
        shard.surplus.forEach { sizeClass in
            surplus.append(sizeClass.rawValue)
            return true
        }
        for (position, counted) in tally.classes.enumerated() {
            let sizeClass = shard.pool.classes.sizeClass(at: position)
            let perPage = shard.pool.classes.chunksPerPage(of: sizeClass)
            let state = shard.classes[position]
            expect(state.pages == counted.pages, "class \(position): pages")
            expect(state.freeChunks == counted.freeChunks, "class \(position): free chunks")
            expect(state.items == counted.items, "class \(position): items")
            expect(state.bytes == counted.bytes, "class \(position): bytes")
            expect(
                surplus.contains(sizeClass.rawValue) == (counted.freeChunks >= perPage),
                "class \(position): surplus with \(counted.freeChunks) of \(perPage) free")
            checkPartialList(of: sizeClass, shard, pages: counted.partialPages)
        }
    }

    private func checkPartialList(
        of sizeClass: SizeClass, _ shard: borrowing Shard, pages: Int
    ) {
        var count = 0
        var previous = PageNumber.none
        var page = shard.classes[Int(sizeClass.rawValue)].firstPartial
        while !page.isNone, count <= pages {
            let record = shard.pool.pages[page]
            expect(record.isPartial && record.sizeClass == sizeClass, "a page on a wrong list")
            expect(record.prevPartial == previous, "a partial list's links disagree")
            count += 1
            previous = page
            page = record.nextPartial
        }
        expect(count == pages, "a partial list has \(count) pages, not \(pages)")
    }
}
