@testable import CacheEngine

/// What meta commands do beyond the classic ones: `mg`, `md`, `me`.
extension ModelRun {
    // -- mg --

    func metaGet(_ key: Int) throws {
        let options = anyMetaGetOptions()
        action = "mg of key \(key)"
        details = options
        let asked = action
        let name = keys[key]
        var mayExceed = false
        while true {
            let before = model.presence(of: key, at: now)
            let entry = model.entries[key]
            var shown: MetaRead?
            let result = engine.metaGet(
                name.span, hashes[key], options, mayExceed: mayExceed, at: now
            ) { view, outcome in
                shown = MetaRead(view, outcome, at: now)
            }
            action = asked
            if meet(key) {
                try check(result == .hit, "\(result), not a hit")
                return try compareHit(shown, entry, options, key)
            }
            guard options.vivifyExpiry != nil else {
                let reason: RetrieveResult =
                    before == .expired ? .expired : before == .flushed ? .flushed : .miss
                try check(result == .miss(reason) && shown == nil, "\(result), not \(reason)")
                return
            }
            if isFull(mayExceed: mayExceed) {
                try check(result == .mustCull, "\(result) into a cache that is full by count")
                mayExceed = try cullCompletely()
                continue
            }
            return try compareNew(result, shown, options, key)
        }
    }

    private func compareHit(
        _ shown: MetaRead?, _ entry: CacheModel.Entry, _ options: MetaGetOptions, _ key: Int
    ) throws {
        guard let shown else { return try check(false, "a hit that shows nothing") }
        tally.metaHits += 1
        // Everything is shown as it was before.
        try check(shown.value == entry.value, "another value")
        try check(shown.flags == entry.flags && shown.cas == entry.cas, "\(shown)")
        try check(shown.expiry == entry.expiry, "\(shown)")
        try check(shown.wasFetched == entry.isFetched, "fetched: \(shown.wasFetched)")
        try check(shown.hasBinaryKey == entry.marks.isBinary, "binary: \(shown.hasBinaryKey)")
        try checkAge(shown.age, entry)

        // A stale item is given to the first who asks, and so is one that expires soon.
        var expiry = entry.expiry
        if options.recachesByNewExpiry, let fresh = options.expiry { expiry = fresh }
        let isEnding =
            options.recacheBefore.map { expiry != .never && expiry.second < $0.second } ?? false
        let isWon = !entry.marks.isTokenSent && (entry.marks.isStale || isEnding)
        try check(
            shown.isWon == isWon && !shown.isNew && shown.isStale == entry.marks.isStale
                && shown.isTokenSent == entry.marks.isTokenSent, "\(shown)")

        if isWon {
            model.entries[key].marks.isTokenSent = true
            tally.wins += 1
        }
        if let expiry = options.expiry { model.setExpiry(key, expiry) }
        if options.isAccess {
            model.entries[key].isFetched = true
            model.moveToNewest(key)
        }
    }

    private func compareNew(
        _ result: MetaGetResult, _ shown: MetaRead?, _ options: MetaGetOptions, _ key: Int
    ) throws {
        guard result == .hit, let shown, let expiry = options.vivifyExpiry else {
            return try check(result == .outOfMemory && mayRunOut(of: 0), "\(result), not made")
        }
        try check(
            shown.isNew && shown.isWon && !shown.isStale && !shown.isTokenSent, "\(shown)")
        try check(shown.value.isEmpty && shown.flags == 0 && !shown.wasFetched, "\(shown)")
        try check(shown.expiry == expiry && shown.age == 0, "\(shown)")
        try noteCAS(shown.cas, chosen: options.newCAS, of: key)
        model.put(
            key, [], flags: 0, expiry: expiry, cas: shown.cas,
            isExplicit: options.newCAS != nil,
            marks: CacheModel.Marks(isTokenSent: true, isBinary: options.hasBinaryKey))
        model.entries[key].isFetched = options.isAccess
        tally.vivified += 1
    }

    private func anyMetaGetOptions() -> MetaGetOptions {
        var options = MetaGetOptions()
        if random.isOneIn(5) { options.expiry = anyExpiry() }
        if random.isOneIn(3) {
            options.vivifyExpiry = anyExpiry()
            options.newCAS = anyNewCAS()
        }
        if random.isOneIn(2) {
            options.recacheBefore = .after(seconds: Int64(random.below(200)), from: now)
            options.recachesByNewExpiry = random.isOneIn(2)
        }
        options.isAccess = !random.isOneIn(6)
        options.hasBinaryKey = random.isOneIn(4)
        return options
    }

    // -- me --

    func inspect(_ key: Int) throws {
        action = "me of key \(key)"
        let expected = model.isLive(key, at: now)
        let entry = model.entries[key]
        let name = keys[key]
        var read: MetaRead?
        let result = engine.inspect(name.span, hashes[key], at: now) { view in
            read = MetaRead(view, nil, at: now)
        }
        try check(result == expected && (read != nil) == expected, "\(result), not \(expected)")
        guard let read else { return }
        try check(read.cas == entry.cas && read.wasFetched == entry.isFetched, "\(read)")
        try checkAge(read.age, entry)
    }

    /// The newest item keeps the time to the second.
    private func checkAge(_ seconds: UInt64, _ entry: CacheModel.Entry) throws {
        let age = Int64(nowMs - entry.accessed.milliseconds) / 1000
        try check(abs(Int64(seconds) - age) <= 1, "\(seconds) s since an access, not \(age)")
    }

    // -- md --

    func metaDelete(_ key: Int) throws {
        let options = anyMetaDeleteOptions(key)
        action = "md of key \(key)"
        details = options
        workingBytes = model.entries[key].value.count
        let name = keys[key]
        let expected = expectDeletion(options, key)
        let result = engine.metaDelete(name.span, hashes[key], options, at: now)
        if expected == .deleted, result != .deleted {
            return try checkRefusal(result, options, key)
        }
        try check(result == expected, "\(result), not \(expected)")
        guard result == .deleted else { return }
        guard options.clearsValue || options.invalidates else { return model.remove(key) }
        let cas = casInEngine(key)
        let entry = model.entries[key]
        if options.clearsValue {
            // Only a mark makes it another value to who knows the old one's CAS.
            let chosen = options.newCAS ?? (options.invalidates ? nil : entry.cas)
            try noteCAS(cas, chosen: chosen, of: key)
            model.put(
                key, [], flags: options.flags, expiry: options.expiry ?? .never, cas: cas,
                isExplicit: chosen != nil,
                marks: CacheModel.Marks(
                    isStale: options.invalidates, isBinary: options.hasBinaryKey))
        } else {
            let hasChosen = options.newCAS != nil && cas == options.newCAS
            if options.newCAS != nil, !hasChosen {
                // There was no room for it: that the value is stale matters more.
                try check(
                    !entry.isExplicit && mayRunOut(of: entry.value.count), "not the client's CAS")
                model.protect(key)
            }
            try noteCAS(cas, chosen: hasChosen ? options.newCAS : nil, of: key)
            model.renew(key, cas: cas, isChosen: hasChosen)
            if let expiry = options.expiry { model.setExpiry(key, expiry) }
            model.entries[key].marks.isStale = true
            model.entries[key].marks.isTokenSent = false
        }
        tally.invalidations += 1
    }

    private func expectDeletion(_ options: MetaDeleteOptions, _ key: Int) -> MetaDeleteResult {
        guard meet(key) else { return .notFound }
        if let compared = options.comparedCAS, compared != model.entries[key].cas {
            return .exists
        }
        return .deleted
    }

    /// A copy had to be made, and there was no room for it.
    private func checkRefusal(
        _ result: MetaDeleteResult, _ options: MetaDeleteOptions, _ key: Int
    ) throws {
        let entry = model.entries[key]
        let isCopied =
            options.clearsValue
            || options.invalidates && options.newCAS != nil && !entry.isExplicit
        try check(isCopied, "\(result), not deleted")
        switch result {
        case .outOfMemory:
            try check(options.clearsValue && mayRunOut(of: 0), "no memory for an empty value")
        case .notFound: try check(plan.evicts && !isInEngine(key), "not found, but it is there")
        default: try check(false, "\(result), not deleted")
        }
    }

    private func anyMetaDeleteOptions(_ key: Int) -> MetaDeleteOptions {
        var options = MetaDeleteOptions()
        if random.isOneIn(3) { options.comparedCAS = anyCAS(of: key) }
        options.invalidates = !random.isOneIn(3)
        if random.isOneIn(3) { options.expiry = anyExpiry() }
        options.clearsValue = random.isOneIn(4)
        options.flags = anyFlags()
        options.newCAS = anyNewCAS()
        options.hasBinaryKey = random.isOneIn(4)
        return options
    }

    /// Of an item that may have expired by this very command.
    private func casInEngine(_ key: Int) -> UInt64 {
        let name = keys[key]
        return engine.peek(name.span, hashes[key]) { item, shard in shard.cas(of: item) } ?? 0
    }
}
