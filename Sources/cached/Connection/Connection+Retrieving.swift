import CacheEngine
import Protocol

/// get, gets, gat, gats: keys of one request or of several are looked up in batches.
extension Connection {
    /// Adds a request's keys to the batch, running it whenever it is full.
    mutating func retrieve(
        _ bytes: Span<UInt8>, _ keys: ByteRange, requestStart: Int, next: Int,
        _ position: inout Int, withCAS: Bool, touch: Int32?, isContinued: Bool = false,
        _ context: inout WorkerContext
    ) {
        var list = KeyList(keys)
        var isFirst = !isContinued
        position = next
        while let key = list.next(in: bytes) {
            if context.batch.isFull {
                var resume = key.start
                runBatch(bytes, &resume, &context)
                if isBlocked {
                    // `runBatch` went back to an earlier key; or all is done up to this one.
                    position = isFirst && resume == key.start ? requestStart : resume
                    if resume == key.start, !isFirst {
                        state = .retrieving(withCAS: withCAS, touch: touch)
                    }
                    return
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
        // The parser lets no request without a key through.
        if !context.batch.isEmpty { context.batch.markLast() }
    }

    /// Goes on within a get's line after the connection was blocked in it.
    mutating func continueRetrieving(
        _ bytes: Span<UInt8>, _ position: inout Int, withCAS: Bool, touch: Int32?,
        _ context: inout WorkerContext
    ) {
        // The line was whole when it was begun, so its end is here.
        var newline = position
        while newline < bytes.count, bytes[newline] != UInt8(ascii: "\n") { newline += 1 }
        guard newline < bytes.count else { return }
        let hasReturn = newline > position && bytes[newline - 1] == UInt8(ascii: "\r")
        state = .command
        let keys = ByteRange(start: position, end: hasReturn ? newline - 1 : newline)
        retrieve(
            bytes, keys, requestStart: position, next: newline + 1, &position,
            withCAS: withCAS, touch: touch, isContinued: true, &context)
    }

    /// Looks up every key of the batch and replies, in order.
    /// - Parameter position: set back to the first key that was not answered, if the connection
    ///   became blocked before the end.
    mutating func runBatch(
        _ bytes: Span<UInt8>, _ position: inout Int, _ context: inout WorkerContext
    ) {
        let count = context.batch.count
        if count > 1 {
            for number in 0..<count { context.engine.prefetchBucket(context.batch[number].hash) }
            for number in 0..<count { context.engine.prefetchItem(context.batch[number].hash) }
        }
        for number in 0..<count {
            let entry = context.batch[number]
            lookUp(entry, bytes[entry.key], &context)
            if entry.isLast { context.output.bytes.append(TextReply.end) }
            if context.output.count >= context.replyBytes, flushIfLong(&context),
                number + 1 < count
            {
                let following = context.batch[number + 1]
                if following.isFirst {
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
        let engine = context.engine
        let hidesCAS = context.server.settings.casDisabled
        let expiry = entry.touch.map { context.touchExpiry($0) }
        let result = engine.retrieve(key, entry.hash, touch: expiry, at: context.now) { item in
            let cas: UInt64? = entry.withCAS ? (hidesCAS ? 0 : item.cas) : nil
            let length = item.valueLength
            context.output.bytes.appendValueLine(
                key: key, flags: item.flags, length: length, cas: cas)
            if !item.isChained {
                context.output.bytes.append(item.inlineValue)
            } else if length < ServerLimits.zeroCopyBytes {
                item.forEachPart { context.output.bytes.append($0) }
            } else {
                context.output.append(engine.reader(of: item.hold()), length: length)
            }
            context.output.bytes.append(TextReply.lineEnd)
        }
        count(result, isTouch: entry.touch != nil, &context.counters)
        if context.countsPrefixes {
            context.server.prefixes.record(result == .hit ? .hit : .miss, key: key)
        }
    }

    @inline(__always)
    private func count(
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
