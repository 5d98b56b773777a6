import CSystem

/// The address range that every chunk lives in: reserved whole at the start, backed by memory
/// only as pages are handed out. One of the few places that hold a pointer.
@safe
struct ChunkMemory: @unchecked Sendable {
    /// One unit before the first page, so that index 0 can stand for "none".
    private let origin: UnsafeMutableRawPointer
    private let firstPage: UnsafeMutableRawPointer
    private let mapping: UnsafeMutableRawPointer
    let reservedBytes: Int
    let unitShift: Int
    let pageShift: Int

    /// Memory is made usable in steps of this size, which is also that of a huge page.
    static let commitStepBytes = 2 << 20

    /// - Throws: `EngineError.cannotReserve` if the address space is too small.
    init(reservedBytes: Int, unitShift: Int, pageShift: Int) throws(EngineError) {
        let step = ChunkMemory.commitStepBytes
        let total = (reservedBytes + step - 1) / step * step
        guard let start = unsafe cs_reserve(total + 2 * step) else {
            throw .cannotReserve(bytes: total)
        }
        unsafe mapping = start
        let base = UInt(bitPattern: start)
        let aligned = (base + UInt(step) * 2 - 1) / UInt(step) * UInt(step)
        unsafe firstPage = start + Int(aligned - base)
        unsafe origin = firstPage - (1 << unitShift)
        self.reservedBytes = total
        self.unitShift = unitShift
        self.pageShift = pageShift
    }

    @inline(__always)
    subscript(index: ChunkIndex) -> Item {
        unsafe Item(base: origin + (Int(index.rawValue) << unitShift))
    }

    @inline(__always)
    func page(of index: ChunkIndex) -> PageNumber {
        PageNumber(
            rawValue: UInt32(
                truncatingIfNeeded: (Int(index.rawValue) - 1) >> (pageShift - unitShift)))
    }

    /// The chunk that begins `byteOffset` bytes into `page`.
    @inline(__always)
    func chunk(in page: PageNumber, byteOffset: Int) -> ChunkIndex {
        let offset = (Int(page.rawValue) << pageShift) + byteOffset
        return ChunkIndex(rawValue: UInt32(truncatingIfNeeded: (offset >> unitShift) + 1))
    }

    /// From this offset on huge pages are asked for: a lookup in a large cache misses the
    /// processor's address cache as often as its data cache. A small cache has no need of them.
    private static let hugeFromBytes = 16 << 20

    /// Makes the memory from `start` on usable; false if the system has none.
    func commit(start: Int, bytes: Int) -> Bool {
        if start >= ChunkMemory.hugeFromBytes {
            unsafe cs_advise_huge(firstPage + start, bytes)
        }
        return unsafe cs_commit(firstPage + start, bytes) == 0
    }

    /// Gives the address range back. Nothing may use this value or a copy of it afterwards.
    func unreserve() {
        unsafe cs_unreserve(mapping, reservedBytes + 2 * ChunkMemory.commitStepBytes)
    }

    /// Gives a page's memory back to the system; false if the system does not take it.
    func discard(_ page: PageNumber) -> Bool {
        unsafe cs_discard(firstPage + (Int(page.rawValue) << pageShift), 1 << pageShift) == 0
    }

    func poison(_ index: ChunkIndex, from: Int, bytes: Int) {
        unsafe cs_poison(self[index].base + from, bytes)
    }

    func unpoison(_ index: ChunkIndex, bytes: Int) {
        unsafe cs_unpoison(self[index].base, bytes)
    }

    @inline(__always)
    func prefetch(_ index: ChunkIndex) {
        unsafe cs_prefetch(self[index].base)
    }

    /// The header, and what most keys and short values take.
    @inline(__always)
    func prefetchItem(_ index: ChunkIndex) {
        unsafe cs_prefetch(self[index].base)
        unsafe cs_prefetch(self[index].base + 64)
    }

    /// The items before and after this one in its list, as far as can be told without a lock.
    @inline(__always)
    func prefetchNeighbours(of index: ChunkIndex) {
        let base = unsafe self[index].base
        prefetchHint(unsafe cs_peek_32(base + ItemLayout.nextOffset))
        prefetchHint(unsafe cs_peek_32(base + ItemLayout.prevOffset))
    }

    /// A prefetch of a wrong address does nothing, and this one is computed without overflow: 32
    /// bits in units of at most some KiB.
    @inline(__always)
    private func prefetchHint(_ rawIndex: UInt32) {
        if rawIndex != 0 { prefetch(ChunkIndex(rawValue: rawIndex)) }
    }
}
