import CacheEngine
import Protocol

/// get and gat with their variants: a run of them is looked up in batches, as in text.
extension Connection {
    /// Adds a request to the batch, after running it if it is full.
    mutating func retrieveBinary(
        _ bytes: Span<UInt8>, _ key: ByteRange, _ exptime: UInt32?, _ position: inout Int,
        next: Int, _ context: inout WorkerContext
    ) {
        if context.batch.isFull {
            runBinaryBatch(bytes, &position, &context)
            if isBlocked { return }
            hasYielded = context.isTurnOver()
            if hasYielded { return }
        }
        var entry = KeyBatch.Entry()
        entry.key = key
        entry.hash = context.engine.hash(bytes[key])
        entry.requestStart = position
        entry.isFirst = true
        entry.isLast = true
        entry.touch = exptime.map { Int32(bitPattern: $0) }
        context.batch.append(entry)
        position = next
    }

    /// Looks up every key of the batch and replies, in order.
    /// - Parameter position: set back to the first request that was not answered, if the
    ///   connection became blocked before the end.
    mutating func runBinaryBatch(
        _ bytes: Span<UInt8>, _ position: inout Int, _ context: inout WorkerContext
    ) {
        let count = context.batch.count
        if count > 1 { context.prefetchBatch() }
        for number in 0..<count {
            lookUpBinary(context.batch[number], bytes, &context)
            if context.output.count >= context.replyBytes, flushIfLong(&context),
                number + 1 < count
            {
                position = context.batch[number + 1].requestStart
                break
            }
        }
        context.batch.removeAll()
    }

    private func lookUpBinary(
        _ entry: KeyBatch.Entry, _ bytes: Span<UInt8>, _ context: inout WorkerContext
    ) {
        let key = bytes[entry.key]
        // Read again from the request: the batch need not carry it.
        let tag = BinaryTag(bytes, at: entry.requestStart)
        let shownKey = tag.returnsKey ? key : key.extracting(0..<0)
        let expiry = entry.touch.map { context.touchExpiry(unsigned: UInt32(bitPattern: $0)) }
        let (hidesCAS, now) = (context.hidesCAS, context.now)
        let result = unsafe context.uncounted._withUnsafeGuaranteedRef { engine in
            engine.retrieve(key, entry.hash, touch: expiry, at: now) { item in
                context.output.append(
                    item, to: tag, key: shownKey, cas: hidesCAS ? 0 : item.cas, engine)
            }
        }
        if result != .hit, !tag.isQuiet {
            if tag.returnsKey {
                context.output.bytes.appendBinaryMiss(tag, key: key)
            } else {
                context.output.bytes.appendBinaryError(tag, .keyNotFound)
            }
        }
        count(result, isTouch: entry.touch != nil, &context.counters)
        if context.isObserved { observeFetch(result, key, context) }
    }
}
