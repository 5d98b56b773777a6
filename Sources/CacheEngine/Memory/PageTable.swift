import CSystem

/// What is known of one page, off-heap and beside the pages. Guarded by the lock of the shard
/// that owns the page; by the pool's lock while nobody does.
struct PageRecord {
    /// The shard's pages with a free chunk in this class: a doubly linked list. In the pool: the
    /// next free page.
    var nextPartial = PageNumber.none
    var prevPartial = PageNumber.none
    /// All pages of the shard, for the sweep.
    var nextOwned = PageNumber.none
    var prevOwned = PageNumber.none
    var firstFree = ChunkIndex.none
    /// Chunks that hold something.
    var used: UInt16 = 0
    /// Chunks of items that a connection holds: while there are any, nothing here may move.
    var held: UInt16 = 0
    /// Chunks that were ever handed out; those beyond were never touched.
    var touched: UInt16 = 0
    /// Nothing on the page expires before this second (`UInt32.max`: nothing expires).
    var earliestExpiry: UInt32 = .max
    var sizeClass = SizeClass(rawValue: 0)
    var isPartial = false
}

/// The records of all pages: a handle with a pointer. (Records within the class that is the pool
/// would make each access, for ThreadSanitizer, one to the whole pool.)
@safe
struct PageTable: @unchecked Sendable {
    private let records: UnsafeMutablePointer<PageRecord>
    private let count: Int

    /// - Throws: `EngineError.cannotReserve`.
    init(count: Int) throws(EngineError) {
        let bytes = count * MemoryLayout<PageRecord>.stride
        guard let start = unsafe cs_reserve(bytes) else { throw .cannotReserve(bytes: bytes) }
        guard unsafe cs_commit(start, bytes) == 0 else {
            unsafe cs_unreserve(start, bytes)
            throw .cannotReserve(bytes: bytes)
        }
        unsafe records = start.bindMemory(to: PageRecord.self, capacity: count)
        self.count = count
    }

    /// Gives the memory back. Nothing may use this value or a copy of it afterwards.
    func unreserve() { unsafe cs_unreserve(records, count * MemoryLayout<PageRecord>.stride) }

    @inline(__always)
    subscript(page: PageNumber) -> PageRecord {
        unsafeAddress {
            precondition(Int(page.rawValue) < count, "no such page")
            return unsafe UnsafePointer(records + Int(page.rawValue))
        }
        nonmutating unsafeMutableAddress {
            precondition(Int(page.rawValue) < count, "no such page")
            return unsafe records + Int(page.rawValue)
        }
    }
}
