/// The parts of a value, for who holds the shard's lock, or the item.
extension ChunkMemory {
    /// Visits the pieces of a chained item's value, in order.
    func forEachPiece(of head: ChunkIndex, _ body: (ChunkIndex) -> Void) {
        var piece = self[head].firstPiece
        while !piece.isNone {
            let next = self[piece].next
            body(piece)
            piece = next
        }
    }

    /// Visits the bytes of an item's value, a contiguous part at a time.
    func forEachPart(of head: ChunkIndex, _ body: (Span<UInt8>) -> Void) {
        // SAFETY: the parts lie in chunks of this item, which the caller holds.
        guard self[head].isChained else {
            unsafe body(Span(_unsafeBytes: UnsafeRawBufferPointer(self[head].inlineValue)))
            return
        }
        forEachPiece(of: head) { piece in
            unsafe body(Span(_unsafeBytes: UnsafeRawBufferPointer(self[piece].pieceBytes)))
        }
    }
}
