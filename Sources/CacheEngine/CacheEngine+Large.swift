/// Values too long for one chunk: received part by part, and sent without being copied.
extension CacheEngine {
    /// A value on its way into the cache. It holds its memory until ``CacheEngine/finish`` or
    /// ``CacheEngine/abandon(_:)``.
    public struct LargeWriter: Sendable {
        let item: LargeItem
        let hash: KeyHash
        /// What it was begun with.
        public let options: StoreOptions
        fileprivate var last = ChunkIndex.none
        /// Bytes of `last` that are written.
        fileprivate var filled = 0
        /// Bytes that no piece was made for yet.
        fileprivate var unallocated: Int
    }

    /// Values of at least this length always lie in several parts, so that
    /// ``begin(_:key:_:valueLength:at:)`` can take them.
    public static let largeValueBytes = 16 << 10

    /// Begins a value of `valueLength` bytes, at least ``largeValueBytes``.
    /// - Returns: nil if it is too large (see ``store``) or there is no memory.
    public func begin(
        _ options: StoreOptions, key: Span<UInt8>, _ hash: KeyHash, valueLength: Int,
        at now: Instant
    ) -> LargeWriter? {
        precondition(valueLength >= CacheEngine.largeValueBytes, "not a large value")
        let shape = ItemShape(
            keyLength: key.count, flags: options.flags, explicitCAS: options.newCAS,
            valueLength: valueLength, expiry: options.expiry,
            marks: options.hasBinaryKey ? .binaryKey : [])
        guard CacheEngine.fits(shape, maximumItemBytes: configuration.maximumItemBytes) else {
            return nil
        }
        let number = shardNumber(of: hash)
        var made: ChunkIndex?
        _ = retryingForMemory(hash, failure: StoreResult.outOfMemory, at: now) { shard in
            var bits = shape.bits(common: shard.options.commonBits)
            bits.insert(.chained)
            made = shard.makeChainHead(shape, bits, key: key, at: now)
            guard let made else { return .outOfMemory }
            shard.pool.hold(made)
            return .notStored
        }
        guard let made else { return nil }
        let item = LargeItem(shard: UInt32(truncatingIfNeeded: number), head: made)
        return LargeWriter(item: item, hash: hash, options: options, unallocated: valueLength)
    }

    /// Adds bytes to the value, no more in all than its length.
    /// - Returns: false if there is no memory; then ``abandon(_:)`` it.
    public func append(
        _ bytes: Span<UInt8>, to writer: inout LargeWriter, at now: Instant
    ) -> Bool {
        var copied = 0
        while copied < bytes.count {
            let capacity = writer.last.isNone ? 0 : pool.memory[writer.last].length
            if writer.filled == capacity {
                guard addPiece(&writer, at: now) else { return false }
                continue
            }
            let count = min(capacity - writer.filled, bytes.count - copied)
            // The piece is nobody else's yet, so no lock is held for the copy.
            // SAFETY: checked slices of the piece and of the source.
            unsafe bytes.withUnsafeBytes { source in
                let target = unsafe pool.memory[writer.last].pieceBytes
                unsafe UnsafeMutableRawBufferPointer(
                    rebasing: target[writer.filled..<writer.filled + count]
                ).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[copied..<copied + count]))
            }
            writer.filled += count
            copied += count
        }
        return true
    }

    private func addPiece(_ writer: inout LargeWriter, at now: Instant) -> Bool {
        precondition(writer.unallocated > 0, "more bytes than the value's length")
        var added: ChunkIndex?
        let (head, last, bytes) = (writer.item.head, writer.last, writer.unallocated)
        _ = retryingForMemory(writer.hash, failure: StoreResult.outOfMemory, at: now) { shard in
            added = shard.addPiece(to: head, after: last, bytes: bytes, at: now)
            return added == nil ? .outOfMemory : .notStored
        }
        guard let added else { return false }
        writer.last = added
        writer.filled = 0
        writer.unallocated -= pool.memory[added].length
        return true
    }

    /// Stores the complete value as its mode says. The writer is used up, unless the result is
    /// `.mustCull`.
    public func finish(
        _ writer: LargeWriter, mayExceed: Bool = false, at now: Instant
    ) -> StoreResult {
        precondition(writer.unallocated == 0, "the value is not complete")
        if configuration.storesNothing {
            let length = pool.memory[writer.item.head].length
            release(writer.item)
            return CacheEngine.pretend(writer.options, length)
        }
        return shards.withShard(Int(writer.item.shard)) { shard in
            shard.storeDetached(
                writer.item.head, writer.options, writer.hash, mayExceed: mayExceed, at: now)
        }
    }

    /// Gives up a value for which there is no memory; a `set` removes the old value as well.
    public func fail(_ writer: LargeWriter, at now: Instant) {
        shards.withShard(Int(writer.item.shard)) { shard in
            if writer.options.mode == .set {
                shard.forgetKey(of: writer.item.head, writer.hash, at: now)
            }
            shard.release(writer.item.head)
        }
    }

    /// Gives up a value that will not be complete.
    public func abandon(_ writer: LargeWriter) { release(writer.item) }

    // -- sending --

    /// Ends what ``ItemView/hold()`` began.
    public func release(_ item: LargeItem) {
        shards.withShard(Int(item.shard)) { shard in shard.release(item.head) }
    }

    /// How far the value of a held item has been read.
    public struct LargeReader: Sendable {
        public let item: LargeItem
        fileprivate var piece: ChunkIndex
        fileprivate var offset = 0
    }

    public func reader(of item: LargeItem) -> LargeReader {
        LargeReader(item: item, piece: pool.memory[item.head].firstPiece)
    }

    /// Visits the parts of the value that are still to be read, until `body` returns false.
    public func forEachPart(of reader: LargeReader, _ body: (Span<UInt8>) -> Bool) {
        var piece = reader.piece
        var offset = reader.offset
        while !piece.isNone {
            // SAFETY: a held item's pieces stay where they are, and nobody writes to them.
            let bytes = unsafe UnsafeRawBufferPointer(pool.memory[piece].pieceBytes)
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...])
            guard unsafe body(Span(_unsafeBytes: rest)) else { return }
            offset = 0
            piece = pool.memory[piece].next
        }
    }

    /// Moves on by `bytes`, no more than what is left.
    public func advance(_ reader: inout LargeReader, by bytes: Int) {
        var left = bytes
        while left > 0 {
            precondition(!reader.piece.isNone, "read beyond the value's end")
            let rest = pool.memory[reader.piece].length - reader.offset
            if left < rest {
                reader.offset += left
                return
            }
            left -= rest
            reader.piece = pool.memory[reader.piece].next
            reader.offset = 0
        }
    }
}
