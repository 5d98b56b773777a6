import CacheEngine
import Protocol

/// What a connection does, told to those who watch. Each of these is called only while somebody
/// does: what it has to look up again for its line costs a lookup.
extension Connection {
    private func facts(_ key: Span<UInt8>, _ context: borrowing WorkerContext) -> ObservedItem? {
        var facts = ObservedItem()
        let engine = context.engine
        let isThere = engine.inspect(key, engine.hash(key), at: context.now) { item in
            facts = ObservedItem(
                classNumber: item.classNumber, valueLength: item.valueLength, expiry: item.expiry)
        }
        return isThere ? facts : nil
    }

    // -- what each command calls --

    func observeFetch(
        _ result: RetrieveResult, _ key: Span<UInt8>, _ context: borrowing WorkerContext
    ) {
        if context.countsPrefixes {
            context.server.prefixes.record(result == .hit ? .hit : .miss, key: key)
        }
        if context.watched.contains(.fetchers) { tellFetch(result, key, context) }
    }

    /// To be called before the change that begins with a lookup.
    func observeLookup(_ key: Span<UInt8>, _ context: borrowing WorkerContext) {
        if context.watched.contains(.fetchers) { tellLookup(key, context) }
    }

    func observeStore(
        _ result: StoreResult, _ options: StoreOptions, _ key: Span<UInt8>, valueLength: Int,
        _ context: borrowing WorkerContext
    ) {
        if context.countsPrefixes, result != .tooLarge {
            context.server.prefixes.record(.set, key: key)
        }
        tellStore(result, options, key, valueLength: valueLength, context)
    }

    func tellStore(
        _ result: StoreResult, _ store: ObservedStore, _ context: borrowing WorkerContext
    ) {
        tellStore(
            result, store.options, store.key.span, valueLength: store.valueLength, context)
    }

    /// What a large value's line will tell, and the lookup before it; to be called before the
    /// value is finished.
    func observeFinish(
        _ writer: CacheEngine.LargeWriter, _ context: borrowing WorkerContext
    ) -> ObservedStore {
        var observed = ObservedStore(options: writer.options, key: [], valueLength: 0)
        context.engine.inspect(writer) { item in
            let key = item.key
            observed.key = (0..<key.count).map { key[$0] }
            observed.valueLength = item.valueLength
        }
        if !isRetrying { observeLookup(observed.key.span, context) }
        return observed
    }

    /// A delete, with the lookup that it begins with; to be called before it is done.
    /// - Returns: what to tell of it when it is done; nil if nobody wants to know.
    func observeDelete(
        _ key: Span<UInt8>, _ context: borrowing WorkerContext
    ) -> ObservedItem? {
        if context.countsPrefixes { context.server.prefixes.record(.delete, key: key) }
        guard !context.watched.isDisjoint(with: [.fetchers, .deletions]) else { return nil }
        let found = facts(key, context)
        if context.watched.contains(.fetchers) {
            tellFetch(found == nil ? .miss : .hit, key, context)
        }
        return context.watched.contains(.deletions) ? found : nil
    }

    func tellDeletion(
        of item: ObservedItem, _ key: Span<UInt8>, by command: StaticString,
        _ context: borrowing WorkerContext
    ) {
        context.server.watchers.tell(.deletions) { line in
            line.append(" type=deleted key=")
            line.appendURIEncoded(key)
            line.append(" cmd=")
            line.append(command)
            line.appendClassAndSize(item.classNumber, item.valueLength)
        }
    }

    // -- lines --

    /// A lookup: of a get, or of a command that wants to know whether the key is there. To be
    /// called while what was found is still there.
    private func tellFetch(
        _ result: RetrieveResult, _ key: Span<UInt8>, _ context: borrowing WorkerContext
    ) {
        let found = result == .hit ? facts(key, context) ?? ObservedItem() : ObservedItem()
        context.server.watchers.tell(.fetchers) { line in
            line.append(" type=item_get key=")
            line.appendURIEncoded(key)
            switch result {
            case .hit: line.append(" status=found")
            case .miss: line.append(" status=not_found")
            case .expired: line.append(" status=expired")
            case .flushed: line.append(" status=flushed")
            }
            line.append(" clsid=")
            line.appendDecimal(UInt64(clamping: found.classNumber))
            line.append(" cfd=")
            line.appendSigned(Int64(socket.number))
            line.append(" size=")
            line.appendDecimal(UInt64(clamping: found.valueLength))
        }
    }

    /// The lookup that every change begins with, before the change.
    private func tellLookup(_ key: Span<UInt8>, _ context: borrowing WorkerContext) {
        tellFetch(facts(key, context) == nil ? .miss : .hit, key, context)
    }

    /// The end of a storage command.
    private func tellStore(
        _ result: StoreResult, _ options: StoreOptions, _ key: Span<UInt8>, valueLength: Int,
        _ context: borrowing WorkerContext
    ) {
        guard context.watched.contains(.mutations) else { return }
        var stored = ObservedItem(
            classNumber: context.engine.classNumber(
                keyLength: key.count, valueLength: valueLength, flags: options.flags),
            valueLength: valueLength, expiry: options.expiry)
        // What append and prepend made is longer, and keeps its expiry.
        if case .stored = result, let now = facts(key, context) { stored = now }
        if result == .tooLarge || result == .outOfMemory { stored = ObservedItem() }
        let ttl = stored.expiry.remainingMilliseconds(at: context.now).map { $0 / 1000 } ?? 0
        context.server.watchers.tell(.mutations) { line in
            line.append(" type=item_store key=")
            line.appendURIEncoded(key)
            line.append(" status=")
            line.append(result.statusName)
            line.append(" cmd=")
            line.append(options.mode.commandName)
            line.append(" ttl=")
            // As memcached prints it: what is over already becomes a large number.
            line.appendDecimal(UInt64(UInt32(truncatingIfNeeded: ttl)))
            line.append(" clsid=")
            line.appendDecimal(UInt64(clamping: stored.classNumber))
            line.append(" cfd=")
            line.appendSigned(Int64(socket.number))
            line.append(" size=")
            line.appendDecimal(UInt64(clamping: stored.valueLength))
        }
    }
}

/// What is told of an item.
struct ObservedItem {
    var classNumber = 0
    var valueLength = 0
    var expiry = Expiry.never
}

/// A store that is told of when it is done.
struct ObservedStore {
    var options: StoreOptions
    var key: [UInt8]
    var valueLength: Int
}

extension StoreResult {
    fileprivate var statusName: StaticString {
        switch self {
        case .stored: "stored"
        case .notStored, .mustCull: "not_stored"
        case .exists: "exists"
        case .notFound: "not_found"
        case .tooLarge: "too_large"
        case .outOfMemory: "no_memory"
        }
    }
}

extension StoreMode {
    fileprivate var commandName: StaticString {
        switch self {
        case .set: "set"
        case .add: "add"
        case .replace: "replace"
        case .append: "append"
        case .prepend: "prepend"
        case .cas: "cas"
        }
    }
}
