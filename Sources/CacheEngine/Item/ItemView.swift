/// An item as a reader sees it, while its shard is locked.
@safe
public struct ItemView: ~Copyable {
    let item: Item
    let chunk: ChunkIndex
    // SAFETY: the engine that made the view holds the pool. A counted reference would have all
    // threads write to the same count, once for each key.
    unowned(unsafe) let pool: PagePool
    let shard: UInt32
    public let cas: UInt64

    init(item: Item, chunk: ChunkIndex, pool: PagePool, shard: UInt32, cas: UInt64) {
        self.item = item
        self.chunk = chunk
        unsafe self.pool = pool
        self.shard = shard
        self.cas = cas
    }

    public var flags: UInt32 { item.flags }
    public var valueLength: Int { item.length }
    public var expiry: Expiry { item.expiry }

    /// True if the key came in base64, and is to be shown so.
    public var hasBinaryKey: Bool { item.marks.contains(.binaryKey) }

    /// True if the value lies in several parts and can be held with ``hold()``.
    public var isChained: Bool { item.isChained }

    public var key: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // SAFETY: valid as long as the view, which cannot leave the locked section.
            let bytes = unsafe UnsafeRawBufferPointer(item.keyBytes)
            let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The value of an item that is not chained.
    public var inlineValue: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // SAFETY: as for the key.
            let bytes = unsafe UnsafeRawBufferPointer(item.inlineValue)
            let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Visits the value's bytes, a part at a time.
    public func forEachPart(_ body: (Span<UInt8>) -> Void) {
        unsafe pool.memory.forEachPart(of: chunk, body)
    }

    /// Keeps a chained item where and as it is until ``CacheEngine/release(_:)``, even if it is
    /// deleted or replaced meanwhile.
    public func hold() -> LargeItem {
        precondition(item.isChained, "only a chained item can be held")
        unsafe pool.hold(chunk)
        return LargeItem(shard: shard, head: chunk)
    }
}
