@testable import CacheEngine

/// The naive cache that the engine is compared with: an array of entries, and for each shard the
/// order of use. It knows nothing of memory; what the engine evicted is told to it, with LRU after
/// a check that it was the least recently used.
struct CacheModel {
    struct Entry {
        /// In the cache, dead or alive: what is dead stays until somebody meets it.
        var isPresent = false
        var value: [UInt8] = []
        var flags: UInt32 = 0
        var cas: UInt64 = 0
        var expiry = Expiry.never
        /// When its value was last changed, in `changes`.
        var changed: UInt64 = 0
        /// When it last came to the front, over all shards.
        var stamp: UInt64 = 0
        /// It was received in parts, so it is chained however short it is.
        var isLarge = false
        /// A client chose the CAS value, or it has the room of one that a client chose.
        var isExplicit = false
        var marks = Marks()
        /// It was read since it was stored.
        var isFetched = false
        /// When it last came to the front.
        var accessed = Instant(milliseconds: 0)
        // The order of use; -1 is none.
        var newer = -1
        var older = -1
    }

    /// What meta commands note of an item.
    struct Marks: Equatable {
        /// Invalidated: served as such until a new value comes.
        var isStale = false
        /// One reader was told to make a new value.
        var isTokenSent = false
        /// The key came in base64.
        var isBinary = false
    }

    /// By key number.
    var entries: [Entry]
    let shardOfKey: [Int]
    let shards: Int
    // By shard.
    private(set) var newest: [Int]
    private(set) var oldest: [Int]
    private(set) var counts: [Int]
    private(set) var changes: UInt64 = 0
    private(set) var flushedChanges: UInt64 = 0
    private(set) var accesses: UInt64 = 0
    /// The time of what comes to the front.
    var now = Instant(milliseconds: 0)
    /// What Django counts: expired ones that nobody has met are still there.
    private(set) var unflushedCount = 0

    init(shardOfKey: [Int], shards: Int) {
        self.shardOfKey = shardOfKey
        self.shards = shards
        entries = Array(repeating: Entry(), count: shardOfKey.count)
        newest = Array(repeating: -1, count: shards)
        oldest = Array(repeating: -1, count: shards)
        counts = Array(repeating: 0, count: shards)
    }

    enum Presence { case absent, live, expired, flushed }

    func presence(of key: Int, at now: Instant) -> Presence {
        guard entries[key].isPresent else { return .absent }
        if entries[key].changed <= flushedChanges { return .flushed }
        return entries[key].expiry.isPast(at: now) ? .expired : .live
    }

    func isLive(_ key: Int, at now: Instant) -> Bool { presence(of: key, at: now) == .live }

    func isFlushed(_ key: Int) -> Bool { entries[key].changed <= flushedChanges }

    // -- changes --

    /// A new value under a key; it is the newest then, and nobody has read it.
    mutating func put(
        _ key: Int, _ value: [UInt8], flags: UInt32, expiry: Expiry, cas: UInt64,
        isLarge: Bool = false, isExplicit: Bool = false, marks: Marks = Marks()
    ) {
        if entries[key].isPresent { remove(key) }
        entries[key].isPresent = true
        unflushedCount += 1
        entries[key].value = value
        entries[key].flags = flags
        entries[key].expiry = expiry
        entries[key].isLarge = isLarge
        entries[key].isExplicit = isExplicit
        entries[key].marks = marks
        entries[key].isFetched = false
        didChange(key, cas: cas)
        pushNewest(key)
    }

    /// A new value that leaves all else as it is.
    mutating func rewrite(_ key: Int, _ value: [UInt8], cas: UInt64) {
        entries[key].value = value
        didChange(key, cas: cas)
    }

    /// Another CAS value. An item without room for one that a client chose is copied, and is the
    /// newest then, but for the time that is told; nothing else changes.
    mutating func renew(_ key: Int, cas: UInt64, isChosen: Bool) {
        didChange(key, cas: cas)
        guard isChosen, !entries[key].isExplicit else { return }
        entries[key].isExplicit = true
        entries[key].isLarge = false
        protect(key)
    }

    /// What makes room for a copy moves the item out of the way, which is no access.
    mutating func protect(_ key: Int) {
        let accessed = entries[key].accessed
        moveToNewest(key)
        entries[key].accessed = accessed
    }

    private mutating func didChange(_ key: Int, cas: UInt64) {
        changes += 1
        entries[key].changed = changes
        entries[key].cas = cas
    }

    mutating func setExpiry(_ key: Int, _ expiry: Expiry) { entries[key].expiry = expiry }

    mutating func flush() {
        flushedChanges = changes
        unflushedCount = 0
    }

    mutating func remove(_ key: Int) {
        leaveList(key)
        if !isFlushed(key) { unflushedCount -= 1 }
        entries[key].isPresent = false
        entries[key].value = []
        entries[key].isLarge = false
    }

    // -- order --

    mutating func moveToNewest(_ key: Int) {
        leaveList(key)
        pushNewest(key)
    }

    private mutating func pushNewest(_ key: Int) {
        let shard = shardOfKey[key]
        let second = newest[shard]
        entries[key].newer = -1
        entries[key].older = second
        if second < 0 { oldest[shard] = key } else { entries[second].newer = key }
        newest[shard] = key
        counts[shard] += 1
        accesses += 1
        entries[key].stamp = accesses
        entries[key].accessed = now
    }

    private mutating func leaveList(_ key: Int) {
        let shard = shardOfKey[key]
        let (newer, older) = (entries[key].newer, entries[key].older)
        if newer < 0 { newest[shard] = older } else { entries[newer].older = older }
        if older < 0 { oldest[shard] = newer } else { entries[older].newer = newer }
        counts[shard] -= 1
    }

    /// The live key whose last access is the longest ago, over all shards.
    func oldestLive(at now: Instant) -> Int? {
        var chosen: Int?
        for shard in 0..<shards {
            var key = oldest[shard]
            while key >= 0, !isLive(key, at: now) { key = entries[key].newer }
            guard key >= 0 else { continue }
            if let best = chosen, entries[best].stamp < entries[key].stamp { continue }
            chosen = key
        }
        return chosen
    }

    // -- numbers --

    /// The value as C's strtoull reads it.
    static func number(_ value: [UInt8]) -> UInt64? {
        let spaces: [UInt8] = [9, 10, 11, 12, 13, 32]
        var rest = value[...].drop { spaces.contains($0) }
        var isNegative = false
        if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
            isNegative = sign == UInt8(ascii: "-")
            rest = rest.dropFirst()
        }
        let digits = rest.prefix { (48...57).contains($0) }
        if let end = rest.dropFirst(digits.count).first, end != 0, !spaces.contains(end) {
            return nil
        }
        guard let number = UInt64(String(decoding: digits, as: UTF8.self)) else { return nil }
        return isNegative && number != 0 ? nil : number
    }
}
