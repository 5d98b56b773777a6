/// Holding: a chained item that a connection fills or sends stays where and as it is. Each page
/// knows how many of its chunks are held, so that compaction leaves it alone without a search.
///
/// All of it with the lock of the item's shard held.
extension PagePool {
    func hold(_ head: ChunkIndex) {
        let item = memory[head]
        item.references += 1
        if item.references == 1 { markHeld(head, 1) }
    }

    /// - Returns: true if nobody holds the item any more.
    func unhold(_ head: ChunkIndex) -> Bool {
        let item = memory[head]
        item.references -= 1
        guard item.references == 0 else { return false }
        markHeld(head, -1)
        return true
    }

    private func markHeld(_ head: ChunkIndex, _ sign: Int) {
        addHeld(head, sign)
        memory.forEachPiece(of: head) { addHeld($0, sign) }
    }

    func addHeld(_ chunk: ChunkIndex, _ sign: Int) {
        let page = memory.page(of: chunk)
        pages[page].held = UInt16(Int(pages[page].held) + sign)
    }
}
