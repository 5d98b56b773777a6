import Glibc

/// Items as allocated things: a chunk with a header and key, and a value in it or in a chain.
extension Shard {
    /// Bytes of value that one piece of a chain holds at most.
    var pieceCapacity: Int { pool.classes.largestChunkBytes - ItemLayout.pieceHeaderBytes }

    /// A detached item with header and key written and room for the value; nil if there is no
    /// memory. It may evict and move other items.
    mutating func makeItem(
        _ shape: ItemShape, key: Span<UInt8>, at now: Instant
    ) -> ChunkIndex? {
        var bits = shape.bits(common: options.commonBits)
        if let sizeClass = pool.classes.sizeClass(forBytes: shape.headBytes(bits)) {
            guard let chunk = allocateChunk(sizeClass, at: now) else { return nil }
            writeHeader(of: chunk, shape, bits, key)
            return chunk
        }
        bits.insert(.chained)
        guard let head = makeChainHead(shape, bits, key: key, at: now) else { return nil }
        // Held while it grows: making room for a piece must not move those before it.
        pool.hold(head)
        var last = ChunkIndex.none
        var rest = shape.valueLength
        while rest > 0 {
            guard let piece = addPiece(to: head, after: last, bytes: rest, at: now) else {
                release(head)
                return nil
            }
            last = piece
            rest -= memory[piece].length
        }
        _ = pool.unhold(head)
        return head
    }

    /// Ends a hold; the last one frees the item if it is no longer, or was never, linked.
    mutating func release(_ head: ChunkIndex) {
        if pool.unhold(head), memory[head].state == .detached { freeItem(head) }
    }

    /// The first chunk of a chained item, without pieces yet.
    mutating func makeChainHead(
        _ shape: ItemShape, _ bits: ItemBits, key: Span<UInt8>, at now: Instant
    ) -> ChunkIndex? {
        guard let sizeClass = pool.classes.sizeClass(forBytes: shape.headBytes(bits)),
            let head = allocateChunk(sizeClass, at: now)
        else { return nil }
        writeHeader(of: head, shape, bits, key)
        memory[head].firstPiece = .none
        memory[head].references = 0
        return head
    }

    /// Adds to a held item a piece for up to `bytes` more bytes of value; its `length` says for how many.
    mutating func addPiece(
        to head: ChunkIndex, after last: ChunkIndex, bytes: Int, at now: Instant
    ) -> ChunkIndex? {
        let length = min(bytes, pieceCapacity)
        guard
            let sizeClass = pool.classes.sizeClass(
                forBytes: length + ItemLayout.pieceHeaderBytes),
            let chunk = allocateChunk(sizeClass, at: now)
        else { return nil }
        let piece = memory[chunk]
        piece.setState(.piece, length: length)
        piece.next = .none
        piece.prev = last
        piece.owner = head
        pool.addHeld(chunk, 1)
        if last.isNone { memory[head].firstPiece = chunk } else { memory[last].next = chunk }
        account(chunk, bytes: length + ItemLayout.pieceHeaderBytes)
        return chunk
    }

    /// Writes what `makeItem` wrote, over an item whose chunk is of the right class.
    func writeHeader(
        of chunk: ChunkIndex, _ shape: ItemShape, _ bits: ItemBits, _ key: Span<UInt8>
    ) {
        let item = memory[chunk]
        item.setState(.detached, length: shape.valueLength)
        item.keyLength = shape.keyLength
        item.bits = bits
        item.marks = shape.marks
        item.expiry = shape.expiry
        item.setOptional(flags: shape.flags, explicitCAS: shape.explicitCAS)
        item.writeKey(key)
    }

    /// Counts the contents of a chunk that came into use (negative: went out of use).
    private mutating func account(_ chunk: ChunkIndex, bytes: Int) {
        let sizeClass = pool.pages[memory.page(of: chunk)].sizeClass
        classes[Int(sizeClass.rawValue)].bytes += bytes
        counters.bytes += bytes
    }

    mutating func accountItem(_ chunk: ChunkIndex, by sign: Int) {
        account(chunk, bytes: sign * memory[chunk].headBytes)
        classes[Int(sizeClass(of: chunk).rawValue)].items += sign
        if options.tracksSizes { trackSize(of: memory[chunk], by: sign) }
    }

    private mutating func trackSize(of item: Item, by sign: Int) {
        let bytes = CacheEngine.itemBytes(
            keyLength: item.keyLength, valueLength: item.length, flags: item.flags)
        let step = (bytes + 31) / 32
        let count = (itemsBySize[step] ?? 0) + sign
        itemsBySize[step] = count == 0 ? nil : count
    }

    /// Frees an item that is in neither index nor list, and its chain.
    mutating func freeItem(_ chunk: ChunkIndex) {
        if memory[chunk].isChained {
            var piece = memory[chunk].firstPiece
            while !piece.isNone {
                let next = memory[piece].next
                account(piece, bytes: -(memory[piece].length + ItemLayout.pieceHeaderBytes))
                freeChunk(piece)
                piece = next
            }
        }
        freeChunk(chunk)
    }

    func sizeClass(of chunk: ChunkIndex) -> SizeClass {
        pool.pages[memory.page(of: chunk)].sizeClass
    }

    /// Fills the value of an item that has all of its pieces.
    func writeValue(of chunk: ChunkIndex, _ bytes: Span<UInt8>) {
        var writer = ValueWriter(memory, chunk)
        writer.write(bytes)
    }
}

/// Fills an item's value from its beginning, part by part.
struct ValueWriter {
    private let memory: ChunkMemory
    private let item: Item
    /// Where a chained value is being filled; none when it is full.
    private var piece: ChunkIndex
    /// Bytes written of that piece, or of a value that is not chained.
    private var offset = 0

    init(_ memory: ChunkMemory, _ chunk: ChunkIndex) {
        self.memory = memory
        item = memory[chunk]
        piece = item.isChained ? item.firstPiece : .none
    }

    mutating func write(_ bytes: Span<UInt8>) {
        var rest = bytes
        while !rest.isEmpty {
            let target = unsafe item.isChained ? memory[piece].pieceBytes : item.inlineValue
            let count = min(rest.count, target.count - offset)
            precondition(count > 0 || item.isChained, "more bytes than the value has")
            unsafe rest.withUnsafeBytes { source in
                // SAFETY: checked slices of equal length.
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + count])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[0..<count]))
            }
            offset += count
            rest = rest.extracting(count...)
            if item.isChained, offset == target.count {
                piece = memory[piece].next
                offset = 0
                precondition(!piece.isNone || rest.isEmpty, "more bytes than the value has")
            }
        }
    }
}
