import CacheEngine
import Protocol

/// get, gets, gat, gats: keys of one request or of several are looked up in batches.
extension Connection {
    /// Adds a request's keys to the batch, running it whenever it is full.
    mutating func retrieve(
        _ bytes: Span<UInt8>, _ keys: ByteRange, requestStart: Int, next: Int,
        _ position: inout Int, withCAS: Bool, touch: Int32?, _ context: inout WorkerContext
    ) {
        position = next
        let isWhole = add(
            bytes, keys, requestStart: requestStart, isFirst: true, &position,
            withCAS: withCAS, touch: touch, &context)
        // The parser lets no request without a key through.
        if isWhole { context.batch.markLast() }
    }

    /// False if the connection was blocked, or its turn was over, before the last key; then
    /// `position` and `state` are where it has to go on.
    private mutating func add(
        _ bytes: Span<UInt8>, _ keys: ByteRange, requestStart: Int, isFirst: Bool,
        _ position: inout Int, withCAS: Bool, touch: Int32?, _ context: inout WorkerContext
    ) -> Bool {
        var list = KeyList(keys)
        var isFirst = isFirst
        while let key = list.next(in: bytes) {
            if context.batch.isFull {
                var resume = key.start
                runBatch(bytes, &resume, &context)
                if isBlocked || context.isTurnOver() {
                    hasYielded = !isBlocked
                    // `runBatch` went back to an earlier key; or all is done up to this one.
                    position = isFirst && resume == key.start ? requestStart : resume
                    if resume == key.start, !isFirst {
                        state = .retrieving(withCAS: withCAS, touch: touch)
                    }
                    return false
                }
            }
            var entry = KeyBatch.Entry()
            entry.key = key
            entry.hash = context.engine.hash(bytes[key])
            entry.requestStart = requestStart
            entry.isFirst = isFirst
            entry.withCAS = withCAS
            entry.touch = touch
            context.batch.append(entry)
            isFirst = false
        }
        return true
    }

    /// Goes on within a get's line: after the connection was blocked in it, or because the line is
    /// longer than what is waited for.
    mutating func continueRetrieving(
        _ bytes: Span<UInt8>, _ position: inout Int, withCAS: Bool, touch: Int32?,
        _ context: inout WorkerContext
    ) {
        let start = position
        switch RetrievalRest.parse(bytes, from: start) {
        case .incomplete: neededBytes = bytes.count - start + 1
        case .malformed:
            runBatch(bytes, &position, &context)
            if isBlocked { return }
            context.reply(TextReply.badFormat)
            state = .skippingLine
        case .keys(let keys, let next, let endsLine):
            position = next
            let isWhole = add(
                bytes, keys, requestStart: start, isFirst: false, &position, withCAS: withCAS,
                touch: touch, &context)
            guard isWhole, endsLine else { return }
            state = .command
            if context.batch.isEmpty {
                context.reply(TextReply.end)
            } else {
                context.batch.markLast()
            }
        }
    }

    /// Drops what is left of a line that is in error.
    mutating func skipLine(_ bytes: Span<UInt8>, _ position: inout Int) {
        while position < bytes.count {
            position += 1
            if bytes[position - 1] == UInt8(ascii: "\n") {
                state = .command
                return
            }
        }
    }

    /// Looks up every key of the batch and replies, in order.
    /// - Parameter position: set back to the first key that was not answered, if the connection
    ///   became blocked before the end.
    mutating func runBatch(
        _ bytes: Span<UInt8>, _ position: inout Int, _ context: inout WorkerContext
    ) {
        let count = context.batch.count
        if count > 1 {
            context.prefetchBatch()
        }
        for number in 0..<count {
            let entry = context.batch[number]
            if entry.isMeta {
                lookUp(
                    context.batch.metaRequest(number), bytes[entry.key], entry.hash, bytes,
                    &context)
            } else {
                lookUp(entry, bytes[entry.key], &context)
            }
            if entry.isLast { context.output.bytes.append(TextReply.end) }
            if context.output.count >= context.replyBytes, flushIfLong(&context),
                number + 1 < count
            {
                let following = context.batch[number + 1]
                if following.isFirst {
                    // A line behind it may have been begun already.
                    state = .command
                    position = following.requestStart
                } else {
                    position = following.key.start
                    state = .retrieving(withCAS: following.withCAS, touch: following.touch)
                }
                break
            }
        }
        context.batch.removeAll()
    }

    private mutating func lookUp(
        _ entry: KeyBatch.Entry, _ key: Span<UInt8>, _ context: inout WorkerContext
    ) {
        let expiry = entry.touch.map { context.touchExpiry($0) }
        let (hidesCAS, now) = (context.hidesCAS, context.now)
        let result = unsafe context.uncounted._withUnsafeGuaranteedRef { engine in
            engine.retrieve(key, entry.hash, touch: expiry, at: now) { item in
                let cas: UInt64? = entry.withCAS ? (hidesCAS ? 0 : item.cas) : nil
                context.output.append(item, key: key, cas: cas, engine)
            }
        }
        count(result, isTouch: entry.touch != nil, &context.counters)
        if result != .hit, context.answersDiscovery {
            answerDiscovery(key, withCAS: entry.withCAS, &context)
        }
        if context.isObserved { observeFetch(result, key, context) }
    }

    @inline(__always)
    func count(
        _ result: RetrieveResult, isTouch: Bool, _ counters: inout CommandCounters
    ) {
        // As in memcached: gat counts as a touch and not as a get.
        if isTouch {
            counters.touchCommands &+= 1
            if result == .hit { counters.touchHits &+= 1 } else { counters.touchMisses &+= 1 }
            return
        }
        counters.getCommands &+= 1
        switch result {
        case .hit: counters.getHits &+= 1
        case .miss: counters.getMisses &+= 1
        case .expired:
            counters.getMisses &+= 1
            counters.getExpired &+= 1
        case .flushed:
            counters.getMisses &+= 1
            counters.getFlushed &+= 1
        }
    }
}
