/// What `mg` does to an item beside reading it.
public struct MetaGetOptions: Sendable {
    /// The new expiry of an item that is there; nil leaves it.
    public var expiry: Expiry?
    /// The expiry of the empty item that a miss makes; nil: a miss makes none.
    public var vivifyExpiry: Expiry?
    /// The CAS value of that item; nil for one that the engine chooses.
    public var newCAS: UInt64?
    /// Who finds an item that expires before this wins the right to make a new value.
    public var recacheBefore: Expiry?
    /// The expiry to compare with that is the new one.
    public var recachesByNewExpiry = false
    /// The read counts as an access.
    public var isAccess = true
    /// The key came in base64, and is to be shown so.
    public var hasBinaryKey = false

    public init() {}
}

/// What a reader by `mg` is told about the item's renewal.
public struct MetaGetOutcome: Sendable {
    /// It was made by this very read.
    public let isNew: Bool
    /// This reader is to make a new value.
    public let isWon: Bool
    /// Another one was told so before.
    public let isTokenSent: Bool
    public let isStale: Bool
}

public enum MetaGetResult: Equatable, Sendable {
    case hit
    case miss(RetrieveResult)
    /// A miss: nothing more can be evicted for the item that it was to make.
    case outOfMemory
    /// An item was to be made, and the cache is full by count: as for ``StoreResult/mustCull``.
    case mustCull

    /// As what a plain read would have found.
    public var retrieved: RetrieveResult {
        switch self {
        case .hit: .hit
        case .miss(let reason): reason
        case .outOfMemory, .mustCull: .miss
        }
    }
}

/// What `md` does, if not just to delete.
public struct MetaDeleteOptions: Sendable {
    /// Only if the value's CAS is this one.
    public var comparedCAS: UInt64?
    /// The item stays, and is marked stale, under another CAS value.
    public var invalidates = false
    /// The expiry of an item that stays.
    public var expiry: Expiry?
    /// The item stays without a value, with these flags.
    public var clearsValue = false
    public var flags: UInt32 = 0
    /// The CAS value of an item that stays; nil for one that the engine chooses.
    public var newCAS: UInt64?
    /// The key came in base64, and is to be shown so.
    public var hasBinaryKey = false

    public init() {}
}

public enum MetaDeleteResult: Equatable, Sendable {
    case deleted, notFound
    /// Another CAS value was found than the one to compare with.
    case exists
    case outOfMemory
}
