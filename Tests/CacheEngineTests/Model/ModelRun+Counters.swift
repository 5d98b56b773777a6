@testable import CacheEngine

/// incr and decr, with all that meta commands add to them.
extension ModelRun {
    func adjust(_ key: Int) throws {
        let direction: CounterDirection = random.isOneIn(2) ? .increment : .decrement
        let delta = anyDelta()
        let options = anyCounterOptions(key)
        action = "\(direction) of key \(key) by \(delta)"
        details = options
        workingBytes = model.entries[key].value.count
        let name = keys[key]
        var mayExceed = false
        while true {
            let result = engine.adjust(
                name.span, hashes[key], direction, by: delta, options, mayExceed: mayExceed,
                at: now)
            guard meet(key) else {
                if options.initial != nil, isFull(mayExceed: mayExceed) {
                    try check(result == .mustCull, "\(result) into a cache that is full by count")
                    mayExceed = try cullCompletely()
                    continue
                }
                return try compareMissing(result, options, key)
            }
            return try comparePresent(result, direction, delta, options, key)
        }
    }

    private func compareMissing(
        _ result: CounterResult, _ options: CounterOptions, _ key: Int
    ) throws {
        guard let initial = options.initial else {
            return try check(result == .notFound, "\(result), not found")
        }
        guard case .value(let counter) = result else {
            return try check(result == .outOfMemory && mayRunOut(of: 20), "\(result), not made")
        }
        try check(
            counter.isNew && counter.value == initial.value && counter.oldExpiry == .never,
            "\(counter)")
        try noteCAS(counter.cas, chosen: options.newCAS, of: key)
        model.put(
            key, Array(String(initial.value).utf8), flags: 0, expiry: initial.expiry,
            cas: counter.cas, isExplicit: options.newCAS != nil,
            marks: CacheModel.Marks(isBinary: options.hasBinaryKey))
    }

    private func comparePresent(
        _ result: CounterResult, _ direction: CounterDirection, _ delta: UInt64,
        _ options: CounterOptions, _ key: Int
    ) throws {
        let entry = model.entries[key]
        guard !entry.value.isEmpty else {
            return try check(result == .notNumeric, "\(result) of an empty value")
        }
        if options.comparedCAS != 0, options.comparedCAS != entry.cas {
            return try check(result == .exists, "\(result), though the CAS is another")
        }
        guard let before = CacheModel.number(entry.value) else {
            return try check(result == .notNumeric, "\(result), not \"not numeric\"")
        }
        let after =
            direction == .increment ? before &+ delta : before > delta ? before - delta : 0
        try compare(result, after, options, key)
    }

    private func compare(
        _ result: CounterResult, _ after: UInt64, _ options: CounterOptions, _ key: Int
    ) throws {
        let entry = model.entries[key]
        var digits = Array(String(after).utf8)
        let fits = digits.count <= entry.value.count
        let isChosen = options.newCAS != nil
        switch result {
        case .value(let counter):
            try check(counter.value == after, "\(counter.value), not \(after)")
            try check(counter.oldExpiry == entry.expiry && !counter.isNew, "\(counter)")
            try noteCAS(counter.cas, chosen: options.newCAS, of: key)
            while digits.count < entry.value.count { digits.append(UInt8(ascii: " ")) }
            if fits, !isChained(key) {
                model.rewrite(key, digits, cas: counter.cas)
                model.renew(key, cas: counter.cas, isChosen: isChosen)
                model.moveToNewest(key)
            } else {
                // A longer one is a new value; one in parts is copied.
                model.put(
                    key, digits, flags: entry.flags, expiry: entry.expiry, cas: counter.cas,
                    isExplicit: isChosen,
                    marks: fits ? entry.marks : CacheModel.Marks(isBinary: entry.marks.isBinary))
                model.entries[key].isFetched = fits && entry.isFetched
            }
            if let expiry = options.expiry { model.setExpiry(key, expiry) }
        case .outOfMemory:
            let isCopied = !fits || isChained(key) || isChosen && !entry.isExplicit
            let bytes = max(digits.count, entry.value.count)
            try check(isCopied && mayRunOut(of: bytes), "no memory for a number")
            model.moveToNewest(key)
        default: try check(false, "\(result), not \(after)")
        }
    }

    private func anyDelta() -> UInt64 {
        switch random.below(4) {
        case 0: UInt64(random.below(3))
        case 1: UInt64(random.below(100_000))
        case 2: UInt64.max - UInt64(random.below(3))
        default: random.next()
        }
    }

    /// Half of the time none at all.
    private func anyCounterOptions(_ key: Int) -> CounterOptions {
        var options = CounterOptions()
        guard random.isOneIn(2) else { return options }
        if random.isOneIn(2) {
            options.initial = (UInt64(random.below(2_000)), anyExpiry())
        }
        if random.isOneIn(4) { options.expiry = anyExpiry() }
        if random.isOneIn(3) { options.comparedCAS = anyCAS(of: key) }
        options.newCAS = anyNewCAS()
        options.hasBinaryKey = random.isOneIn(4)
        return options
    }
}
