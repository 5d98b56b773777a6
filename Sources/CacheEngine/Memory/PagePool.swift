import CSystem
import Synchronization

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

/// The pages of all shards and the one budget in bytes that everything is charged to: pages,
/// index, connection buffers.
@safe
final class PagePool: @unchecked Sendable {
    let memory: ChunkMemory
    let classes: SizeClasses
    let pageBytes: Int
    private let records: UnsafeMutablePointer<PageRecord>
    private let recordsBytes: Int
    private let lock = Lock()

    // Guarded by `lock`.
    private var firstFree = PageNumber.none
    private var firstDiscarded = PageNumber.none
    private var nextUntouched: UInt32 = 0
    private var committedBytes = 0

    private let limit: Atomic<Int>
    /// Pages that a shard owns.
    private let held = Atomic<Int>(0)
    /// Free pages that the system still backs with memory.
    private let resident = Atomic<Int>(0)
    /// The shards' indices, in bytes.
    private let index = Atomic<Int>(0)
    /// The caller's buffers, in bytes.
    private let buffers = Atomic<Int>(0)

    /// - Throws: `EngineError.cannotReserve`.
    init(limitBytes: Int, reservedBytes: Int, pageBytes: Int, unitShift: Int) throws(EngineError) {
        self.pageBytes = pageBytes
        memory = try ChunkMemory(
            reservedBytes: max(limitBytes, reservedBytes), unitShift: unitShift,
            pageShift: pageBytes.trailingZeroBitCount)
        classes = SizeClasses(pageBytes: pageBytes, unitShift: unitShift)
        limit = Atomic(limitBytes)
        let count = memory.reservedBytes / pageBytes
        recordsBytes = count * MemoryLayout<PageRecord>.stride
        guard let start = unsafe cs_reserve(recordsBytes),
            unsafe cs_commit(start, recordsBytes) == 0
        else { throw .cannotReserve(bytes: recordsBytes) }
        unsafe records = start.bindMemory(to: PageRecord.self, capacity: count)
    }

    deinit {
        unsafe cs_unreserve(records, recordsBytes)
        memory.unreserve()
    }

    @inline(__always)
    subscript(page: PageNumber) -> PageRecord {
        unsafeAddress {
            precondition(Int(page.rawValue) < memory.reservedBytes / pageBytes, "no such page")
            return unsafe UnsafePointer(records + Int(page.rawValue))
        }
        unsafeMutableAddress {
            precondition(Int(page.rawValue) < memory.reservedBytes / pageBytes, "no such page")
            return unsafe records + Int(page.rawValue)
        }
    }

    var limitBytes: Int { limit.load(ordering: .relaxed) }
    var heldPages: Int { held.load(ordering: .relaxed) }
    /// What the budget is charged with. Buffers count up to a quarter of the limit: many slow
    /// clients take room from the cache, but cannot take all of it.
    var chargedBytes: Int {
        let bufferBytes = min(buffers.load(ordering: .relaxed), limitBytes / 4)
        return heldPages * pageBytes + index.load(ordering: .relaxed) + bufferBytes
    }
    var isOverLimit: Bool { chargedBytes > limitBytes }
    /// The highest limit that `setLimit` takes, in bytes.
    var reservedBytes: Int { memory.reservedBytes }

    func setLimit(_ bytes: Int) {
        limit.store(min(bytes, memory.reservedBytes), ordering: .relaxed)
        lock.withLock { discardUntilWithinLimit() }
    }

    /// A page that nobody uses, or nil if the budget or the system has none.
    func acquire() -> PageNumber? {
        lock.withLock {
            guard chargedBytes + pageBytes <= limitBytes else { return nil }
            guard let page = takeFree() ?? takeDiscarded() ?? takeUntouched() else { return nil }
            held.add(1, ordering: .relaxed)
            discardUntilWithinLimit()
            return page
        }
    }

    func release(_ page: PageNumber) {
        lock.withLock {
            self[page] = PageRecord()
            self[page].nextPartial = firstFree
            firstFree = page
            held.subtract(1, ordering: .relaxed)
            resident.add(1, ordering: .relaxed)
            discardUntilWithinLimit()
        }
    }

    /// Charges (or gives back, if negative) bytes of an index.
    func chargeIndex(_ bytes: Int) {
        index.add(bytes, ordering: .relaxed)
        discardAfterCharge(bytes)
    }

    /// Charges (or gives back, if negative) bytes of the caller's buffers.
    func chargeBuffers(_ bytes: Int) {
        buffers.add(bytes, ordering: .relaxed)
        discardAfterCharge(bytes)
    }

    private func discardAfterCharge(_ bytes: Int) {
        if bytes > 0, resident.load(ordering: .relaxed) > 0 {
            lock.withLock { discardUntilWithinLimit() }
        }
    }

    private func takeFree() -> PageNumber? {
        guard !firstFree.isNone else { return nil }
        let page = firstFree
        firstFree = self[page].nextPartial
        self[page].nextPartial = .none
        resident.subtract(1, ordering: .relaxed)
        return page
    }

    private func takeDiscarded() -> PageNumber? {
        guard !firstDiscarded.isNone else { return nil }
        let page = firstDiscarded
        firstDiscarded = self[page].nextPartial
        self[page] = PageRecord()
        return page
    }

    private func takeUntouched() -> PageNumber? {
        let start = Int(nextUntouched) * pageBytes
        guard start + pageBytes <= memory.reservedBytes else { return nil }
        if start + pageBytes > committedBytes {
            let step = ChunkMemory.commitStepBytes
            guard memory.commit(start: committedBytes, bytes: step) else { return nil }
            committedBytes += step
        }
        let page = PageNumber(rawValue: nextUntouched)
        nextUntouched += 1
        self[page] = PageRecord()
        return page
    }

    /// A free page that is still resident is memory too: what the limit has no room for goes back.
    private func discardUntilWithinLimit() {
        while chargedBytes + resident.load(ordering: .relaxed) * pageBytes > limitBytes,
            let page = takeFree()
        {
            memory.discard(page)
            self[page].nextPartial = firstDiscarded
            firstDiscarded = page
        }
    }
}
