/// How an item lies in its chunk. No pointer and no Swift object is in it; a scan of the memory
/// finds every item again.
///
///      0       4       8       12  13  14  16      20      24      28
///     ┌───────┬───────┬───────┬───┬───┬───┬───────┬───────┬───────┬──────────┬─────┬───────┐
///     │ next  │ prev  │state 2│key│bit│marks 3    │expiry │access │ optional │ key │ value │
///     │ (LRU) │ (LRU) │len  30│len│ s │sequence 45│second │ tick  │          │     │       │
///     └───────┴───────┴───────┴───┴───┴───────────┴───────┴───────┴──────────┴─────┴───────┘
///
/// Optional, in this order, each only where it is needed:
/// - stamp (8 bytes): the order of accesses over all shards; only when culling is configured;
/// - chain (8 bytes): first piece and reference count of a value too long for one chunk;
/// - flags (4 bytes): the client's flags, when they are not 0;
/// - CAS (8 bytes): a CAS value that a client chose; otherwise the sequence is the CAS value.
///
/// A value too long for one chunk lies in a chain of pieces:
///
///      0       4       8       12      16
///     ┌───────┬───────┬───────┬───────┬─────────┐
///     │ next  │ prev  │state 2│ owner │ bytes … │
///     │ piece │ piece │len  30│ item  │         │
///     └───────┴───────┴───────┴───────┴─────────┘
///
/// Cost per item beyond key and value: 28 bytes, rounding to the size class (8 on average while
/// small, 3% above), about 8 in the index.
enum ItemLayout {
    static let nextOffset = 0
    static let prevOffset = 4
    static let lengthOffset = 8
    static let keyLengthOffset = 12
    static let bitsOffset = 13
    static let sequenceHighOffset = 14
    static let sequenceLowOffset = 16
    static let expiryOffset = 20
    static let accessOffset = 24
    static let headerBytes = 28

    static let stampBytes = 8
    static let chainBytes = 8
    static let flagsBytes = 4
    static let casBytes = 8

    static let ownerOffset = 12
    static let pieceHeaderBytes = 16

    /// 30 bits: values of up to 1 GiB.
    static let lengthMask: UInt32 = (1 << 30) - 1
    static let stateShift: UInt32 = 30
    /// 45 bits: at a million changes a second and shard they last a year; then it restarts.
    static let sequenceMask: UInt64 = (1 << 45) - 1
    /// The sequence's upper bits and the marks share 16 bits.
    static let sequenceHighMask: UInt16 = (1 << 13) - 1
    static let marksShift: UInt16 = 13
}

/// What a chunk is; kept at the same place in each kind.
enum ChunkState: UInt32 {
    case free = 0
    /// An item that index and LRU list know.
    case linked = 1
    /// A part of a chained item's value.
    case piece = 2
    /// An item outside index and list: being filled, or still being sent after its removal.
    case detached = 3
}

/// What meta commands note of an item; a new value has none of them but `binaryKey`.
struct ItemMarks: OptionSet {
    let rawValue: UInt8

    /// Invalidated, and served as such until a client stores a new value.
    static let stale = ItemMarks(rawValue: 1 << 0)
    /// A client was told to make a new value; the others are told that one was.
    static let tokenSent = ItemMarks(rawValue: 1 << 1)
    /// The key came in base64, and is shown so.
    static let binaryKey = ItemMarks(rawValue: 1 << 2)

    /// What of an item's marks passes to a new value that is out of date already.
    var whenStale: ItemMarks { intersection(.tokenSent).union(.stale) }
}

struct ItemBits: OptionSet {
    let rawValue: UInt8

    static let stamped = ItemBits(rawValue: 1 << 0)
    static let chained = ItemBits(rawValue: 1 << 1)
    static let flagged = ItemBits(rawValue: 1 << 2)
    static let explicitCAS = ItemBits(rawValue: 1 << 3)
    /// It was read since it was stored.
    static let fetched = ItemBits(rawValue: 1 << 4)
    /// It is in `S3FIFO.main`.
    static let main = ItemBits(rawValue: 1 << 7)

    private static let hitsShift: UInt8 = 5
    private static let hitsMask: UInt8 = 3 << hitsShift

    /// Hits since it came to its queue, 0 to 3; only `S3FIFO` counts them.
    @inline(__always)
    var hits: UInt8 {
        get { (rawValue & ItemBits.hitsMask) >> ItemBits.hitsShift }
        set {
            let bits = min(newValue, 3) << ItemBits.hitsShift
            self = ItemBits(rawValue: rawValue & ~ItemBits.hitsMask | bits)
        }
    }

    /// What a policy knows of the item beside its links.
    var place: ItemBits { intersection(ItemBits(rawValue: ItemBits.hitsMask).union(.main)) }

    /// The bytes of the optional fields that these bits ask for.
    @inline(__always)
    var optionalBytes: Int {
        (contains(.stamped) ? ItemLayout.stampBytes : 0)
            + (contains(.chained) ? ItemLayout.chainBytes : 0)
            + (contains(.flagged) ? ItemLayout.flagsBytes : 0)
            + (contains(.explicitCAS) ? ItemLayout.casBytes : 0)
    }
}
