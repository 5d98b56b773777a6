/// A list of items, newest first, linked by chunk index. The links lie in the items.
struct ItemList {
    private(set) var newest = ChunkIndex.none
    private(set) var oldest = ChunkIndex.none

    var isEmpty: Bool { oldest.isNone }

    mutating func push(_ chunk: ChunkIndex, _ memory: ChunkMemory) {
        let item = memory[chunk]
        item.prev = .none
        item.next = newest
        if newest.isNone { oldest = chunk } else { memory[newest].prev = chunk }
        newest = chunk
    }

    mutating func remove(_ chunk: ChunkIndex, _ memory: ChunkMemory) {
        let item = memory[chunk]
        let next = item.next
        let prev = item.prev
        if prev.isNone { newest = next } else { memory[prev].next = next }
        if next.isNone { oldest = prev } else { memory[next].prev = prev }
    }

    /// A member was copied to `chunk`: its neighbours are told.
    mutating func moved(to chunk: ChunkIndex, _ memory: ChunkMemory) {
        let item = memory[chunk]
        if item.next.isNone { oldest = chunk } else { memory[item.next].prev = chunk }
        if item.prev.isNone { newest = chunk } else { memory[item.prev].next = chunk }
    }
}
