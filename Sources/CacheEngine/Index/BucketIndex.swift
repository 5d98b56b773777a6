import CSystem

/// The index of one shard: hash to chunk, as buckets of one cache line each.
///
///      0            12         16                                      64
///     ┌────────────┬──────────┬───────────────────────────────────────┐
///     │ 12 tags    │ overflow │ 12 chunk indices                      │
///     └────────────┴──────────┴───────────────────────────────────────┘
///
/// A tag is eight bits of the hash (0: the slot is empty), so that a miss reads one line and a hit
/// two or three: bucket, item, perhaps an overflow bucket. It grows and shrinks by linear hashing
/// (Litwin, "Linear hashing: a new tool for file and table addressing", VLDB 1980), one bucket at
/// a time, so no request waits for a rehash.
///
/// Goals: one cache line per miss; about 8 bytes per item; no stall at any size.
/// Non-goals: iteration in an order that means something (`IndexCursor` has one that does not).
///
/// Writers hold the shard's lock. A prefetch reads bucket count, tags and indices without it:
/// those are stored with relaxed atomics, and what it finds is only a hint.
@safe
struct BucketIndex: ~Copyable, @unchecked Sendable {
    static let bucketBytes = 64
    static let slots = 12
    static let overflowOffset = 12
    static let indicesOffset = 16
    /// Average items per bucket above which a bucket is split, and below which one is merged.
    static let splitLoad = 8
    static let mergeLoad = 3
    /// The index takes memory, and charges the budget, in steps of this size.
    static let commitStepBytes = 16 << 10
    /// Above this size the main part grows by huge pages.
    static let hugeStepBytes = 2 << 20

    private let main: UnsafeMutableRawPointer
    /// What `main` lies in, at a multiple of a huge page.
    private let mapping: UnsafeMutableRawPointer
    private let overflow: UnsafeMutableRawPointer
    private let maximumBuckets: Int
    private(set) var count = 0
    private var bucketCount: Int
    private var committedMain: Int
    private var committedOverflow: Int
    private var overflowTouched = 1
    private var overflowFree: UInt32 = 0
    private var overflowUsed = 0
    /// Where a prefetch reads the bucket count.
    private let published: UnsafeMutablePointer<UInt32>

    private let reservedBytes: Int
    /// What a split or a merge is moving; kept, so that none of them allocates.
    private var moving: [(chunk: ChunkIndex, tag: UInt8)] = []

    static let initialBuckets = 64

    /// An index for what the region could hold at most; only address space is taken.
    static func make(maximumItems: Int) throws(EngineError) -> BucketIndex {
        let buckets = max(initialBuckets, maximumItems / splitLoad)
        let step = commitStepBytes
        let huge = hugeStepBytes
        // A huge page more than is needed, to begin at the boundary of one.
        let bytes = ((buckets + 1) * bucketBytes + 2 * huge - 1) / huge * huge
        guard let mapping = unsafe cs_reserve(bytes) else { throw .cannotReserve(bytes: bytes) }
        let start = UInt(bitPattern: mapping)
        let main = unsafe mapping + Int((start + UInt(huge) - 1) / UInt(huge) * UInt(huge) - start)
        guard let overflow = unsafe cs_reserve(bytes) else {
            unsafe cs_unreserve(mapping, bytes)
            throw .cannotReserve(bytes: bytes)
        }
        guard unsafe cs_commit(main, step) == 0, unsafe cs_commit(overflow, step) == 0 else {
            unsafe cs_unreserve(mapping, bytes)
            unsafe cs_unreserve(overflow, bytes)
            throw .cannotReserve(bytes: step)
        }
        return unsafe BucketIndex(
            main: main, mapping: mapping, overflow: overflow, reservedBytes: bytes,
            maximumBuckets: buckets)
    }

    private init(
        main: UnsafeMutableRawPointer, mapping: UnsafeMutableRawPointer,
        overflow: UnsafeMutableRawPointer, reservedBytes: Int, maximumBuckets: Int
    ) {
        unsafe self.main = unsafe main
        unsafe self.mapping = unsafe mapping
        unsafe self.overflow = unsafe overflow
        self.reservedBytes = reservedBytes
        self.maximumBuckets = maximumBuckets
        unsafe published = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
        unsafe published.initialize(to: UInt32(BucketIndex.initialBuckets))
        bucketCount = BucketIndex.initialBuckets
        committedMain = BucketIndex.commitStepBytes
        committedOverflow = BucketIndex.commitStepBytes
    }

    deinit {
        unsafe cs_unreserve(mapping, reservedBytes)
        unsafe cs_unreserve(overflow, reservedBytes)
        unsafe published.deallocate()
    }

    /// Bytes of memory that it holds.
    var bytes: Int { committedMain + committedOverflow }
    var buckets: Int { bucketCount }

    // -- addressing --

    /// The high bit of each byte of `tags` that is `tag`. A byte that differs in the lowest bit may
    /// show above a true one, so a candidate can be wrong; but an empty slot never is one, because
    /// no tag is 1.
    @inline(__always)
    static func matches(_ tags: UInt64, _ tag: UInt8) -> UInt64 {
        let difference = tags ^ (UInt64(tag) &* 0x0101_0101_0101_0101)
        return (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
    }

    @inline(__always)
    static func matches(_ tags: UInt32, _ tag: UInt8) -> UInt64 {
        let difference = tags ^ (UInt32(tag) &* 0x0101_0101)
        return UInt64((difference &- 0x0101_0101) & ~difference & 0x8080_8080)
    }

    @inline(__always)
    static func position(_ hash: KeyHash, count: Int) -> Int {
        position(bucketBits: hash.bucketBits, count: count)
    }

    @inline(__always)
    static func position(bucketBits: UInt32, count: Int) -> Int {
        // The mask of the next power of two; what lies beyond the count is not split yet.
        let mask = Int(truncatingIfNeeded: UInt64.max >> UInt64((count &- 1).leadingZeroBitCount))
        let full = Int(bucketBits) & mask
        return full < count ? full : full & (mask >> 1)
    }

    /// One slot of one bucket; void after the next change of the index.
    @safe
    struct Slot {
        fileprivate let bucket: UnsafeMutableRawPointer
        fileprivate let position: Int
    }

    /// The candidates for a hash: slots whose tag matches. Compare the key to be sure.
    @safe
    struct Probe {
        fileprivate var bucket: UnsafeMutableRawPointer
        private var low: UInt64
        private var high: UInt64
        private let tag: UInt8

        @inline(__always)
        fileprivate init(bucket: UnsafeMutableRawPointer, tag: UInt8) {
            unsafe self.bucket = unsafe bucket
            self.tag = tag
            low = 0
            high = 0
            match()
        }

        @inline(__always)
        private mutating func match() {
            unsafe low = BucketIndex.matches(bucket.load(as: UInt64.self), tag)
            unsafe high = BucketIndex.matches(
                bucket.load(fromByteOffset: 8, as: UInt32.self), tag)
        }

        /// The next candidate and where it is.
        @inline(__always)
        mutating func next(in index: borrowing BucketIndex) -> (ChunkIndex, Slot)? {
            while true {
                var position = -1
                if low != 0 {
                    position = low.trailingZeroBitCount >> 3
                    low &= low &- 1
                } else if high != 0 {
                    position = 8 + high.trailingZeroBitCount >> 3
                    high &= high &- 1
                }
                if position >= 0 {
                    let found = unsafe BucketIndex.chunk(bucket, position)
                    return unsafe (found, Slot(bucket: bucket, position: position))
                }
                let link = unsafe BucketIndex.overflowLink(bucket)
                guard link != 0 else { return nil }
                unsafe bucket = unsafe index.overflowBucket(link)
                match()
            }
        }
    }

    @inline(__always)
    func probe(_ hash: KeyHash) -> Probe {
        unsafe Probe(
            bucket: bucket(at: BucketIndex.position(hash, count: bucketCount)), tag: hash.tag)
    }

    // SAFETY: a position is always under bucketCount, a link under overflowTouched, and the memory
    // up to there is committed.

    @inline(__always)
    private func bucket(at position: Int) -> UnsafeMutableRawPointer {
        unsafe main + position &* BucketIndex.bucketBytes
    }

    @inline(__always)
    private func overflowBucket(_ link: UInt32) -> UnsafeMutableRawPointer {
        unsafe overflow + Int(link) &* BucketIndex.bucketBytes
    }

    @inline(__always)
    private static func overflowLink(_ bucket: UnsafeMutableRawPointer) -> UInt32 {
        unsafe bucket.load(fromByteOffset: overflowOffset, as: UInt32.self)
    }

    @inline(__always)
    private static func tag(_ bucket: UnsafeMutableRawPointer, _ slot: Int) -> UInt8 {
        unsafe bucket.load(fromByteOffset: slot, as: UInt8.self)
    }

    @inline(__always)
    private static func chunk(_ bucket: UnsafeMutableRawPointer, _ slot: Int) -> ChunkIndex {
        ChunkIndex(
            rawValue: unsafe bucket.load(
                fromByteOffset: indicesOffset &+ slot &* 4, as: UInt32.self))
    }

    @inline(__always)
    private static func set(
        _ bucket: UnsafeMutableRawPointer, _ slot: Int, tag: UInt8, chunk: ChunkIndex
    ) {
        unsafe cs_store_relaxed_8(bucket + slot, tag)
        unsafe cs_store_relaxed_32(bucket + (indicesOffset &+ slot &* 4), chunk.rawValue)
    }

    /// Visits the chunks of a bucket and its overflow buckets.
    func forEachChunk(inBucket position: Int, _ body: (ChunkIndex) -> Void) {
        precondition(position >= 0 && position < bucketCount, "no such bucket")
        var bucket = unsafe bucket(at: position)
        while true {
            for slot in 0..<BucketIndex.slots where unsafe BucketIndex.tag(bucket, slot) != 0 {
                unsafe body(BucketIndex.chunk(bucket, slot))
            }
            let link = unsafe BucketIndex.overflowLink(bucket)
            guard link != 0 else { return }
            unsafe bucket = unsafe overflowBucket(link)
        }
    }

    // -- changes --

    /// Adds a chunk whose key is not in the index. False if there is no memory for it.
    mutating func insert(_ chunk: ChunkIndex, _ hash: KeyHash) -> Bool {
        let start = unsafe bucket(at: BucketIndex.position(hash, count: bucketCount))
        guard unsafe place(chunk, tag: hash.tag, from: start) else { return false }
        count += 1
        return true
    }

    private mutating func place(
        _ chunk: ChunkIndex, tag: UInt8, from start: UnsafeMutableRawPointer
    ) -> Bool {
        var bucket = unsafe start
        while true {
            for slot in 0..<BucketIndex.slots
            where unsafe BucketIndex.tag(bucket, slot) == 0 {
                unsafe BucketIndex.set(bucket, slot, tag: tag, chunk: chunk)
                return true
            }
            let link = unsafe BucketIndex.overflowLink(bucket)
            if link == 0 {
                guard let fresh = takeOverflow() else { return false }
                unsafe BucketIndex.set(overflowBucket(fresh), 0, tag: tag, chunk: chunk)
                unsafe cs_store_relaxed_32(bucket + BucketIndex.overflowOffset, fresh)
                return true
            }
            unsafe bucket = unsafe overflowBucket(link)
        }
    }

    mutating func remove(_ slot: Slot) {
        unsafe BucketIndex.set(slot.bucket, slot.position, tag: 0, chunk: .none)
        count -= 1
    }

    /// The item moved: its slot points to `chunk` from now on.
    func replace(_ slot: Slot, with chunk: ChunkIndex) {
        let tag = unsafe BucketIndex.tag(slot.bucket, slot.position)
        unsafe BucketIndex.set(slot.bucket, slot.position, tag: tag, chunk: chunk)
    }

    private mutating func takeOverflow() -> UInt32? {
        guard let link = findOverflow() else { return nil }
        overflowUsed += 1
        return link
    }

    private mutating func giveOverflow(_ link: UInt32) {
        unsafe cs_store_relaxed_32(overflowBucket(link) + BucketIndex.overflowOffset, overflowFree)
        overflowFree = link
        overflowUsed -= 1
    }

    private mutating func findOverflow() -> UInt32? {
        var link = overflowFree
        if link != 0 {
            overflowFree = unsafe BucketIndex.overflowLink(overflowBucket(link))
        } else {
            guard overflowTouched <= maximumBuckets else { return nil }
            let end = (overflowTouched + 1) * BucketIndex.bucketBytes
            if end > committedOverflow {
                let step = BucketIndex.commitStepBytes
                guard unsafe cs_commit(overflow + committedOverflow, step) == 0 else { return nil }
                committedOverflow += step
            }
            link = UInt32(overflowTouched)
            overflowTouched += 1
        }
        // A bucket that was in use before still has a link: to the next free one, or of a time
        // before `giveMemoryBack`.
        unsafe cs_store_relaxed_32(overflowBucket(link) + BucketIndex.overflowOffset, 0)
        return link
    }

    /// Adds what the chain behind `bucket` holds to `moving`, empties it, and gives its overflow
    /// buckets back.
    private mutating func drain(_ bucket: UnsafeMutableRawPointer, memory: ChunkMemory) {
        var current = unsafe bucket
        var link: UInt32 = 0
        while true {
            for slot in 0..<BucketIndex.slots {
                let tag = unsafe BucketIndex.tag(current, slot)
                guard tag != 0 else { continue }
                let chunk = unsafe BucketIndex.chunk(current, slot)
                memory.prefetch(chunk)
                moving.append((chunk, tag))
                unsafe BucketIndex.set(current, slot, tag: 0, chunk: .none)
            }
            let following = unsafe BucketIndex.overflowLink(current)
            unsafe cs_store_relaxed_32(current + BucketIndex.overflowOffset, 0)
            if link != 0 { giveOverflow(link) }
            guard following != 0 else { return }
            link = following
            unsafe current = unsafe overflowBucket(following)
        }
    }

    // -- growing and shrinking, one bucket at a time --

    var wantsSplit: Bool {
        count > bucketCount &* BucketIndex.splitLoad && bucketCount < maximumBuckets
    }

    var wantsMerge: Bool {
        bucketCount > BucketIndex.initialBuckets && count < bucketCount &* BucketIndex.mergeLoad
    }

    /// Adds one bucket and moves to it what belongs there. `hash` tells a chunk's hash.
    /// - Complexity: O(items of one bucket), about 8 cache misses.
    mutating func split(memory: ChunkMemory, hash: (ChunkIndex) -> KeyHash) {
        let end = (bucketCount + 1) * BucketIndex.bucketBytes
        if end > committedMain {
            // Without memory the buckets only get fuller.
            guard commitMain() else { return }
        }
        let fresh = bucketCount
        let highBit = 1 << (Int.bitWidth - 1 - fresh.leadingZeroBitCount)
        let old = unsafe bucket(at: fresh - highBit)
        moving.removeAll(keepingCapacity: true)
        unsafe drain(old, memory: memory)
        bucketCount += 1
        unsafe cs_store_relaxed_32(published, UInt32(bucketCount))
        for entry in moving {
            let target = BucketIndex.position(hash(entry.chunk), count: bucketCount)
            let placed = unsafe place(entry.chunk, tag: entry.tag, from: bucket(at: target))
            // What was taken out is at least as much as what goes back in.
            precondition(placed, "the index lost an overflow bucket")
        }
    }

    private mutating func commitMain() -> Bool {
        let isHuge = committedMain >= BucketIndex.hugeStepBytes
        let step = isHuge ? BucketIndex.hugeStepBytes : BucketIndex.commitStepBytes
        let end = (committedMain / step + 1) * step
        if isHuge { unsafe cs_advise_huge(main + committedMain, end - committedMain) }
        guard unsafe cs_commit(main + committedMain, end - committedMain) == 0 else { return false }
        committedMain = end
        return true
    }

    /// Removes the last bucket; what it held goes to the one it was split from.
    mutating func merge(memory: ChunkMemory) {
        // Two chains made one can need one overflow bucket more than they had.
        guard let spare = takeOverflow() else { return }
        giveOverflow(spare)
        let last = bucketCount - 1
        let highBit = 1 << (Int.bitWidth - 1 - last.leadingZeroBitCount)
        moving.removeAll(keepingCapacity: true)
        unsafe drain(bucket(at: last), memory: memory)
        // The other's chain as well: it may be longer than it needs to be by now.
        unsafe drain(bucket(at: last - highBit), memory: memory)
        bucketCount = last
        unsafe cs_store_relaxed_32(published, UInt32(bucketCount))
        for entry in moving {
            guard unsafe place(entry.chunk, tag: entry.tag, from: bucket(at: last - highBit)) else {
                preconditionFailure("a merged bucket found no overflow bucket")
            }
        }
        giveMemoryBack()
    }

    private mutating func giveMemoryBack() {
        // Half a step of slack, so that a count that swings does not call the system each time.
        let step = BucketIndex.commitStepBytes
        let needed = (bucketCount * BucketIndex.bucketBytes + step / 2 + step - 1) / step * step
        if needed < committedMain {
            unsafe cs_discard(main + needed, committedMain - needed)
            committedMain = needed
        }
        if overflowUsed == 0, committedOverflow > step {
            unsafe cs_discard(overflow + step, committedOverflow - step)
            committedOverflow = step
            overflowTouched = 1
            overflowFree = 0
        }
    }

    /// What a prefetch needs; it stays valid as long as the index.
    var prefetcher: BucketPrefetcher {
        unsafe BucketPrefetcher(main: main, overflow: overflow, published: published)
    }
}
