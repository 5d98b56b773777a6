// Compiled into the module CacheEngine by run.sh, not by SwiftPM.

/// What meta commands can do to the engine.
extension FuzzRun {
    /// nil, one of a few, or any; some are as the engine's own.
    private mutating func newCAS() -> UInt64? {
        let choice = byte()
        switch choice % 4 {
        case 0: return nil
        case 1: return UInt64(byte())
        case 2: return UInt64.max - UInt64(byte())
        default: return UInt64(byte()) << UInt64(byte() % 57)
        }
    }

    /// The CAS of a key; 0 if it has none.
    private func cas(_ key: UInt8) -> UInt64 {
        var cas: UInt64 = 0
        _ = engine.inspect([key].span, engine.hash([key].span), at: now) { cas = $0.cas }
        return cas
    }

    /// The right one, or one beside it.
    private mutating func comparedCAS(_ key: UInt8) -> UInt64 {
        cas(key) &+ [0, 0, 1, UInt64.max][Int(byte() % 4)]
    }

    mutating func metaGet(_ key: UInt8) {
        var options = MetaGetOptions()
        let bits = byte()
        if bits & 1 != 0 { options.expiry = expiry() }
        if bits & 2 != 0 {
            options.vivifyExpiry = expiry()
            options.newCAS = newCAS()
        }
        if bits & 4 != 0 { options.recacheBefore = .after(seconds: Int64(byte()), from: now) }
        options.recachesByNewExpiry = bits & 8 != 0
        options.isAccess = bits & 16 == 0
        options.hasBinaryKey = bits & 32 != 0
        guard read(key, options), options.expiry == nil, options.vivifyExpiry == nil else {
            return
        }
        // Whoever has won, the next one has not.
        options.isAccess = false
        precondition(!read(key, options), "two winners")
    }

    /// True if the reader won the right to make a new value.
    private func read(_ key: UInt8, _ options: MetaGetOptions) -> Bool {
        var isWon = false
        var mayExceed = false
        while true {
            let result = engine.metaGet(
                [key].span, engine.hash([key].span), options, mayExceed: mayExceed, at: now
            ) { view, outcome in
                view.forEachPart { FuzzRun.check($0, key) }
                precondition(!outcome.isWon || !outcome.isTokenSent, "won a second time")
                precondition(!outcome.isNew || view.valueLength == 0, "new, and it has a value")
                precondition(outcome.isWon || !outcome.isNew, "made by who did not win")
                isWon = outcome.isWon
            }
            guard result == .mustCull else { return isWon }
            mayExceed = engine.cull(3, at: now) == .nothingToDrop
        }
    }

    mutating func metaDelete(_ key: UInt8) {
        var options = MetaDeleteOptions()
        let bits = byte()
        if bits & 1 != 0 { options.comparedCAS = comparedCAS(key) }
        options.invalidates = bits & 2 != 0
        options.clearsValue = bits & 4 != 0
        if bits & 8 != 0 { options.expiry = expiry() }
        options.newCAS = newCAS()
        options.flags = UInt32(bits >> 7)
        let result = engine.metaDelete([key].span, engine.hash([key].span), options, at: now)
        guard result == .deleted else { return }
        let isKept = options.invalidates || options.clearsValue
        _ = engine.inspect([key].span, engine.hash([key].span), at: now) { view in
            precondition(isKept, "deleted, and it is there")
            precondition(options.newCAS.map { $0 == view.cas } ?? true, "another CAS than chosen")
            precondition(!options.clearsValue || view.valueLength == 0, "cleared, and a value")
            view.forEachPart { FuzzRun.check($0, key) }
        }
    }

    mutating func metaAdjust(_ key: UInt8) {
        var options = CounterOptions()
        let bits = byte()
        if bits & 1 != 0 { options.comparedCAS = comparedCAS(key) }
        // A key whose values are letters must not get digits.
        if bits & 2 != 0, key % 2 == 0 { options.initial = (UInt64(byte()), expiry()) }
        if bits & 4 != 0 { options.expiry = expiry() }
        options.newCAS = newCAS()
        let delta = UInt64(byte()) << UInt64(byte() % 57)
        var mayExceed = false
        while true {
            let result = engine.adjust(
                [key].span, engine.hash([key].span), bits & 8 == 0 ? .increment : .decrement,
                by: delta, options, mayExceed: mayExceed, at: now)
            if case .value(let counter) = result, let chosen = options.newCAS {
                precondition(counter.cas == chosen, "another CAS than chosen")
            }
            guard result == .mustCull else { return }
            mayExceed = engine.cull(3, at: now) == .nothingToDrop
        }
    }

    private mutating func storeOptions(_ key: UInt8) -> StoreOptions {
        let bits = byte()
        let modes: [StoreMode] = [
            .set, .add, .append, .prepend, .replace, .cas(comparedCAS(key)), .cas(1), .set,
        ]
        var options = StoreOptions(
            mode: modes[Int(bits & 7)], flags: UInt32(bits >> 7), expiry: expiry())
        options.newCAS = newCAS()
        options.vivifies = bits & 8 != 0
        options.takesStale = bits & 16 != 0
        options.hasBinaryKey = bits & 32 != 0
        if bits & 64 != 0 { options.comparedCAS = comparedCAS(key) }
        return options
    }

    mutating func metaStore(_ key: UInt8) {
        let options = storeOptions(key)
        var value = [UInt8](repeating: FuzzRun.content(key), count: length())
        // A number and much white space.
        if key % 4 == 0 {
            for position in value.indices.dropFirst(9) { value[position] = UInt8(ascii: " ") }
        }
        store(key, value, options)
    }

    mutating func beginMeta(_ key: UInt8) { begin(key, length(), storeOptions(key)) }

    mutating func inspect(_ key: UInt8) {
        _ = engine.inspect([key].span, engine.hash([key].span), at: now) { view in
            _ = view.secondsSinceAccess(at: now)
            view.forEachPart { FuzzRun.check($0, key) }
        }
    }

    /// As if all numbers of changes had been given.
    func restartSequence() {
        engine.shards.withShard(0) { $0.sequence = ItemLayout.sequenceMask }
    }
}
