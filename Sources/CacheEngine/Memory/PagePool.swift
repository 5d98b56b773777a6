import Synchronization

/// The pages of all shards and the one budget in bytes that everything is charged to: pages,
/// index, connection buffers.
final class PagePool: @unchecked Sendable {
    let memory: ChunkMemory
    let classes: SizeClasses
    let pageBytes: Int
    let pages: PageTable
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
        do throws(EngineError) {
            pages = try PageTable(count: memory.reservedBytes / pageBytes)
        } catch {
            memory.unreserve()
            throw error
        }
    }

    deinit {
        pages.unreserve()
        memory.unreserve()
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
    /// Less than a sixteenth of the limit is left.
    var isNearlyFull: Bool { chargedBytes > limitBytes - limitBytes / 16 }
    /// The highest limit that `setLimit` takes, in bytes.
    var reservedBytes: Int { memory.reservedBytes }

    func setLimit(_ bytes: Int) {
        limit.store(min(bytes, memory.reservedBytes), ordering: .relaxed)
        discardSome()
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
            putFree(page)
            held.subtract(1, ordering: .relaxed)
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
        if bytes > 0 { discardSome() }
    }

    private func takeFree() -> PageNumber? {
        guard !firstFree.isNone else { return nil }
        let page = firstFree
        firstFree = pages[page].nextPartial
        pages[page].nextPartial = .none
        resident.subtract(1, ordering: .relaxed)
        return page
    }

    private func takeDiscarded() -> PageNumber? {
        guard !firstDiscarded.isNone else { return nil }
        let page = firstDiscarded
        firstDiscarded = pages[page].nextPartial
        pages[page] = PageRecord()
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
        pages[page] = PageRecord()
        return page
    }

    /// Free pages that are given back to the system in one go, at about 10 µs each.
    private static let discardsAtOnce = 16

    /// Gives free pages back to the system while the limit has no room for them.
    func discardSome() {
        if resident.load(ordering: .relaxed) > 0 { lock.withLock { discardUntilWithinLimit() } }
    }

    /// A free page that is still resident is memory too: what the limit has no room for goes back,
    /// a few pages at a time.
    private func discardUntilWithinLimit() {
        var left = PagePool.discardsAtOnce
        while left > 0,
            chargedBytes + resident.load(ordering: .relaxed) * pageBytes > limitBytes,
            let page = takeFree()
        {
            left -= 1
            guard memory.discard(page) else {
                putFree(page)
                return
            }
            pages[page].nextPartial = firstDiscarded
            firstDiscarded = page
        }
    }

    private func putFree(_ page: PageNumber) {
        pages[page] = PageRecord()
        pages[page].nextPartial = firstFree
        firstFree = page
        resident.add(1, ordering: .relaxed)
    }
}
