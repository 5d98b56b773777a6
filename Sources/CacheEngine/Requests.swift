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
    /// The CAS value that the new value gets; nil for one that the engine chooses.
    public var newCAS: UInt64?
    /// `append` and `prepend`: only if the value's CAS is this one; 0 for whatever it is.
    public var comparedCAS: UInt64 = 0
    /// `append` and `prepend`: a key that is not there is made, with these flags and expiry.
    public var vivifies = false
    /// `cas`: a number under the value's CAS stores too, as a stale value with the old expiry.
    public var takesStale = false
    /// The key came in base64, and is to be shown so.
    public var hasBinaryKey = false

    public init(mode: StoreMode, flags: UInt32 = 0, expiry: Expiry = .never) {
        self.mode = mode
        self.flags = flags
        self.expiry = expiry
    }
}

public enum StoreResult: Equatable, Sendable {
    /// The value is in the cache under this CAS value (or was, if it had expired already).
    /// `length`: the whole value's bytes.
    case stored(cas: UInt64, length: Int)
    /// `add` found the key, or `replace`, `append` or `prepend` did not.
    case notStored
    /// Another CAS value was found than the one to compare with.
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

/// What incr and decr do beside counting.
public struct CounterOptions: Sendable {
    /// Only if the value's CAS is this one; 0 for whatever it is.
    public var comparedCAS: UInt64 = 0
    /// The CAS value that the new value gets; nil for one that the engine chooses.
    public var newCAS: UInt64?
    /// The new expiry of a counter that is there; nil leaves it.
    public var expiry: Expiry?
    /// The value and expiry that a key gets which is not there; nil: it is not made.
    public var initial: (value: UInt64, expiry: Expiry)?
    /// The key came in base64, and is to be shown so.
    public var hasBinaryKey = false

    public init() {}
}

/// A counter after incr or decr.
public struct CounterValue: Equatable, Sendable {
    public let value: UInt64
    public let cas: UInt64
    /// Before the command gave it another.
    public let oldExpiry: Expiry
    /// It was not there, and has its initial value.
    public let isNew: Bool
}

public enum CounterResult: Equatable, Sendable {
    case value(CounterValue)
    case notFound
    /// Another CAS value was found than the one to compare with.
    case exists
    /// A new counter, and the cache is full by count: as for ``StoreResult/mustCull``.
    case mustCull
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
