import CacheEngine
import Protocol

/// A run of keys to look up, over one or several requests, hashed and prefetched together.
///
/// The entries lie on the heap, and are reached by address: as an inline array, the compiler copies
/// all of them (3 KB) for each that is read.
@safe
struct KeyBatch: ~Copyable {
    struct Entry {
        var key = ByteRange(start: 0, end: 0)
        var hash = KeyHash.zero
        /// Where its request begins.
        var requestStart = 0
        var isFirst = false
        var isLast = false
        var withCAS = false
        /// An `mg`, whose request stands beside.
        var isMeta = false
        /// For gat and gats: the exptime that makes the new expiry.
        var touch: Int32?
    }

    private let entries: UnsafeMutablePointer<Entry>
    private let metaRequests: UnsafeMutablePointer<MetaRequest>
    private(set) var count = 0
    /// The key of the request behind the batch, which is fetched along with it.
    var following: KeyHash?

    init() {
        unsafe entries = UnsafeMutablePointer<Entry>.allocate(capacity: ServerLimits.batchKeys)
        unsafe entries.initialize(repeating: Entry(), count: ServerLimits.batchKeys)
        unsafe metaRequests = UnsafeMutablePointer<MetaRequest>.allocate(
            capacity: ServerLimits.batchKeys)
        let none = ByteRange(start: 0, end: 0)
        unsafe metaRequests.initialize(
            repeating: MetaRequest(key: none, flags: none), count: ServerLimits.batchKeys)
    }

    deinit {
        unsafe entries.deallocate()
        unsafe metaRequests.deallocate()
    }

    var isFull: Bool { count == ServerLimits.batchKeys }
    var isEmpty: Bool { count == 0 }

    subscript(position: Int) -> Entry {
        unsafeAddress {
            precondition(position >= 0 && position < count, "no such entry")
            return unsafe UnsafePointer(entries + position)
        }
        unsafeMutableAddress {
            precondition(position >= 0 && position < count, "no such entry")
            return unsafe entries + position
        }
    }

    mutating func append(_ entry: Entry) {
        precondition(!isFull, "a full batch")
        unsafe entries[count] = entry
        count += 1
    }

    /// The request of an entry that is an `mg`.
    func metaRequest(_ position: Int) -> MetaRequest {
        precondition(position >= 0 && position < count, "no such entry")
        return unsafe metaRequests[position]
    }

    mutating func append(_ request: MetaRequest, hash: KeyHash, requestStart: Int) {
        var entry = Entry()
        entry.key = request.key
        entry.hash = hash
        entry.requestStart = requestStart
        entry.isFirst = true
        entry.isMeta = true
        append(entry)
        unsafe metaRequests[count - 1] = request
    }

    mutating func markLast() { self[count - 1].isLast = true }

    mutating func removeAll() {
        count = 0
        following = nil
    }
}
