@testable import CacheEngine

/// Commands on a key that store no new value.
extension ModelRun {
    func retrieve(_ key: Int, touch: Expiry?) throws {
        action = "retrieve of key \(key)"
        let expected: RetrieveResult =
            switch model.presence(of: key, at: now) {
            case .absent: .miss
            case .live: .hit
            case .expired: .expired
            case .flushed: .flushed
            }
        let entry = model.entries[key]
        let name = keys[key]
        let wantsHold = mayHaveOpenWork && held.count < 4 && random.isOneIn(2)
        var wrong: String?
        var holding: LargeItem?
        let result = engine.retrieve(name.span, hashes[key], touch: touch, at: now) { view in
            if !isEqual(view.key, name, at: 0) { wrong = "another key" }
            if view.flags != entry.flags { wrong = "flags \(view.flags), not \(entry.flags)" }
            if view.cas != entry.cas { wrong = "CAS \(view.cas), not \(entry.cas)" }
            if view.expiry != touch ?? entry.expiry { wrong = "expiry \(view.expiry)" }
            if view.isChained != isChained(key) { wrong = "chained: \(view.isChained)" }
            if !view.hasValue(entry.value) { wrong = "another value" }
            if view.isChained, wantsHold { holding = view.hold() }
        }
        try check(result == expected, "\(result), not \(expected)")
        try check(wrong == nil, wrong ?? "")
        if meet(key) {
            tally.hits += 1
            if let touch { model.setExpiry(key, touch) }
            model.moveToNewest(key)
        }
        if let holding {
            held.append(
                HeldValue(
                    item: holding, reader: engine.reader(of: holding), value: entry.value))
        }
    }

    /// Whether the engine has to keep a key's value in a chain.
    private func isChained(_ key: Int) -> Bool {
        let entry = model.entries[key]
        let stamp = plan.maximumEntries == nil ? 0 : ItemLayout.stampBytes
        let flags = entry.flags == 0 ? 0 : ItemLayout.flagsBytes
        let bytes =
            ItemLayout.headerBytes + stamp + flags + keys[key].count + entry.value.count
        return entry.isLarge || bytes > engine.largestChunkBytes
    }

    func delete(_ key: Int) throws {
        action = "delete of key \(key)"
        let name = keys[key]
        let expected = meet(key)
        let result = engine.delete(name.span, hashes[key], at: now)
        try check(result == expected, "\(result), not \(expected)")
        if expected { model.remove(key) }
    }

    func touch(_ key: Int, _ expiry: Expiry) throws {
        action = "touch of key \(key)"
        let name = keys[key]
        let expected = meet(key)
        let result = engine.touch(name.span, hashes[key], expiry, at: now)
        try check(result == expected, "\(result), not \(expected)")
        guard expected else { return }
        model.setExpiry(key, expiry)
        noteAccess(key)
    }

    func rejectTooLarge(_ key: Int) throws {
        action = "too large a value for key \(key)"
        let name = keys[key]
        let mode: StoreMode = random.isOneIn(2) ? .set : .append
        engine.rejectTooLarge(mode, name.span, hashes[key], at: now)
        if mode == .set, meet(key) { model.remove(key) }
    }

    func adjust(_ key: Int) throws {
        let direction: CounterDirection = random.isOneIn(2) ? .increment : .decrement
        let delta: UInt64 =
            switch random.below(4) {
            case 0: UInt64(random.below(3))
            case 1: UInt64(random.below(100_000))
            case 2: UInt64.max - UInt64(random.below(3))
            default: random.next()
            }
        action = "\(direction) of key \(key) by \(delta)"
        let name = keys[key]
        let result = engine.adjust(name.span, hashes[key], direction, by: delta, at: now)
        guard meet(key) else { return try check(result == .notFound, "\(result), not found") }
        let entry = model.entries[key]
        guard !isChained(key), let before = CacheModel.number(entry.value) else {
            return try check(result == .notNumeric, "\(result), not \"not numeric\"")
        }
        let after =
            direction == .increment ? before &+ delta : before > delta ? before - delta : 0
        try compare(result, after, key)
    }

    private func compare(_ result: CounterResult, _ after: UInt64, _ key: Int) throws {
        let entry = model.entries[key]
        var digits = Array(String(after).utf8)
        let fits = digits.count <= entry.value.count
        switch result {
        case .value(let counter):
            let cas = counter.cas
            try check(counter.value == after, "\(counter.value), not \(after)")
            try check(counter.oldExpiry == entry.expiry && !counter.isNew, "\(counter)")
            try noteCAS(cas, of: key)
            while digits.count < entry.value.count { digits.append(UInt8(ascii: " ")) }
            if fits {
                model.rewrite(key, digits, cas: cas)
                model.moveToNewest(key)
            } else {
                model.put(key, digits, flags: entry.flags, expiry: entry.expiry, cas: cas)
            }
        case .outOfMemory:
            try check(!fits && mayRunOut(of: digits.count), "no memory for a number")
            model.moveToNewest(key)
        default: try check(false, "\(result), not \(after)")
        }
    }
}
