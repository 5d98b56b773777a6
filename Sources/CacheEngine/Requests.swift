/// How a value is stored, in memcached's terms.
public enum StoreMode: Equatable, Sendable {
    case set
    /// Only if the key is not there.
    case add
    /// Only if the key is there.
    case replace
    /// Behind, or before, the value that is there; its flags and expiry stay.
    case append, prepend
    /// Only if the value's CAS is still this one.
    case cas(UInt64)
}

/// What is stored beside key and value.
public struct StoreOptions: Sendable {
    public var mode: StoreMode
    public var flags: UInt32
    public var expiry: Expiry

    public init(mode: StoreMode, flags: UInt32 = 0, expiry: Expiry = .never) {
        self.mode = mode
        self.flags = flags
        self.expiry = expiry
    }
}

public enum StoreResult: Equatable, Sendable {
    /// The value is in the cache under this CAS value (or was, if it had expired already).
    case stored(cas: UInt64)
    /// `add` found the key, or `replace`, `append` or `prepend` did not.
    case notStored
    /// `cas` found another CAS value.
    case exists
    /// `cas` found no such key.
    case notFound
    /// Key and value together are above the configured limit. `set` removed the old value.
    case tooLarge
    /// Nothing more can be evicted. `set` removed the old value.
    case outOfMemory
    /// The cache is full by count: run ``CacheEngine/cull(_:at:)`` to its end and ask again.
    case mustCull
}

public enum RetrieveResult: Equatable, Sendable {
    case hit, miss
    /// A miss: the item was there, but had expired.
    case expired
    /// A miss: the item was there, but from before a flush.
    case flushed
}

public enum CounterDirection: Sendable {
    /// Wraps at 2^64.
    case increment
    /// Stops at 0.
    case decrement
}

public enum CounterResult: Equatable, Sendable {
    case value(UInt64, cas: UInt64)
    case notFound
    /// The stored value isn't a decimal number under 2^64.
    case notNumeric
    case outOfMemory
}

/// A chained item that is held by a connection: one that fills it, or sends it. It stays where it
/// is and as it is until ``CacheEngine/release(_:)``.
public struct LargeItem: Equatable, Sendable {
    let shard: UInt32
    let head: ChunkIndex
}
