@testable import CacheEngine

/// The commands with their options changed in place, for keys that are text.
extension CacheEngine {
    func metaGet(
        _ key: String, at now: Instant, _ change: (inout MetaGetOptions) -> Void = { _ in }
    ) -> MetaRead? {
        var options = MetaGetOptions()
        change(&options)
        let key = Array(key.utf8)
        var read: MetaRead?
        let result = metaGet(key.span, hash(key.span), options, at: now) { view, outcome in
            read = MetaRead(view, outcome, at: now)
        }
        return result == .hit ? read : nil
    }

    func metaDelete(
        _ key: String, at now: Instant, _ change: (inout MetaDeleteOptions) -> Void = { _ in }
    ) -> MetaDeleteResult {
        var options = MetaDeleteOptions()
        change(&options)
        let key = Array(key.utf8)
        return metaDelete(key.span, hash(key.span), options, at: now)
    }

    func adjust(
        _ key: String, _ direction: CounterDirection, by delta: UInt64 = 1, at now: Instant,
        _ change: (inout CounterOptions) -> Void
    ) -> CounterResult {
        var options = CounterOptions()
        change(&options)
        let key = Array(key.utf8)
        return adjust(key.span, hash(key.span), direction, by: delta, options, at: now)
    }

    /// Stores text.
    @discardableResult
    func store(
        _ mode: StoreMode, _ key: String, _ value: String, at now: Instant,
        _ change: (inout StoreOptions) -> Void = { _ in }
    ) -> StoreResult {
        var options = StoreOptions(mode: mode)
        change(&options)
        return store(options, key, Array(value.utf8), at: now)
    }

    /// Stores a large value part by part; nil if it could not be begun or filled.
    func storeLarge(
        _ key: String, _ value: [UInt8], at now: Instant,
        _ change: (inout StoreOptions) -> Void = { _ in }
    ) -> StoreResult? {
        var options = StoreOptions(mode: .set)
        change(&options)
        let key = Array(key.utf8)
        guard
            var writer = begin(
                options, key: key.span, hash(key.span), valueLength: value.count, at: now)
        else { return nil }
        guard append(value.span, to: &writer, at: now) else {
            abandon(writer)
            return nil
        }
        return finish(writer, at: now)
    }

    /// The marks of a key's item, dead or alive, without an access.
    func marks(_ key: String) -> ItemMarks? {
        let key = Array(key.utf8)
        return peek(key.span, hash(key.span)) { item, _ in item.marks }
    }

    func cas(_ key: String) -> UInt64? {
        let key = Array(key.utf8)
        return peek(key.span, hash(key.span)) { item, shard in shard.cas(of: item) }
    }

    var violations: [String] { InvariantCheck(self).run() }
}

extension StoreResult {
    var isStored: Bool {
        if case .stored = self { return true }
        return false
    }
}

/// What a meta command is shown of an item.
struct MetaRead: Equatable {
    let value: [UInt8]
    let flags: UInt32
    let cas: UInt64
    let expiry: Expiry
    let wasFetched: Bool
    let hasBinaryKey: Bool
    /// Seconds since its last access.
    let age: UInt64
    let isNew: Bool
    let isWon: Bool
    let isTokenSent: Bool
    let isStale: Bool

    init(_ view: borrowing ItemView, _ outcome: MetaGetOutcome?, at now: Instant) {
        value = view.wholeValue
        flags = view.flags
        cas = view.cas
        expiry = view.expiry
        wasFetched = view.isFetched
        hasBinaryKey = view.hasBinaryKey
        age = view.secondsSinceAccess(at: now)
        isNew = outcome?.isNew ?? false
        isWon = outcome?.isWon ?? false
        isTokenSent = outcome?.isTokenSent ?? false
        isStale = outcome?.isStale ?? false
    }
}

extension MetaRead {
    var text: String { String(decoding: value, as: UTF8.self) }

    /// Of W, Z and X, those that a client is told.
    var told: String { (isTokenSent ? "Z" : "") + (isStale ? "X" : "") + (isWon ? "W" : "") }
}
