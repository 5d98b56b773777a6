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
            model.entries[key].isFetched = true
            model.moveToNewest(key)
        }
        if let holding {
            held.append(
                HeldValue(
                    item: holding, reader: engine.reader(of: holding), value: entry.value))
        }
    }

    /// Whether the engine has to keep a key's value in a chain.
    func isChained(_ key: Int) -> Bool {
        let entry = model.entries[key]
        let stamp = plan.maximumEntries == nil ? 0 : ItemLayout.stampBytes
        let flags = entry.flags == 0 ? 0 : ItemLayout.flagsBytes
        let cas = entry.isExplicit ? ItemLayout.casBytes : 0
        let bytes =
            ItemLayout.headerBytes + stamp + flags + cas + keys[key].count + entry.value.count
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
        model.entries[key].isFetched = true
        noteAccess(key)
    }

    func rejectTooLarge(_ key: Int) throws {
        action = "too large a value for key \(key)"
        let name = keys[key]
        let mode: StoreMode = random.isOneIn(2) ? .set : .append
        engine.rejectTooLarge(mode, name.span, hashes[key], at: now)
        if mode == .set, meet(key) { model.remove(key) }
    }
}
