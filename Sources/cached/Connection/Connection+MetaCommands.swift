import CacheEngine
import Protocol

/// `ma`, `md`, `me`.
extension Connection {
    mutating func metaAdjust(
        _ request: MetaRequest, _ key: Span<UInt8>, _ bytes: Span<UInt8>,
        _ context: inout WorkerContext
    ) {
        let isDecrement = request.mode == UInt8(ascii: "D") || request.mode == UInt8(ascii: "-")
        let direction: CounterDirection = isDecrement ? .decrement : .increment
        let options = context.counterOptions(request, bytes)
        guard let result = adjustNow(options, key, direction, by: request.delta, &context) else {
            return
        }
        switch result {
        case .mustCull: preconditionFailure("a counter that must cull has no answer yet")
        case .notNumeric: context.reply(TextReply.notNumeric)
        case .outOfMemory:
            context.reply(
                request.has("N") ? TextReply.outOfMemoryAllocating : TextReply.outOfMemory)
        case .notFound:
            context.counters.countMiss(direction)
            context.answerMeta("NF", request, bytes, key)
        case .exists: context.answerMeta("EX", request, bytes, key)
        case .value(let counter):
            if !counter.isNew { context.counters.countHit(direction) }
            if !request.has("q") { context.answer(counter, request, options, bytes, key) }
        }
    }

    mutating func metaDelete(
        _ request: MetaRequest, _ key: Span<UInt8>, _ bytes: Span<UInt8>,
        _ context: inout WorkerContext
    ) {
        var options = MetaDeleteOptions()
        // Without CAS (-C) every value's is 0.
        let comparesNothing = context.hidesCAS && request.comparedCAS == 0
        if request.has("C"), !comparesNothing {
            options.comparedCAS = context.hidesCAS ? .max : request.comparedCAS
        }
        options.invalidates = request.has("I")
        options.clearsValue = request.has("x")
        options.flags = request.clientFlags
        options.hasBinaryKey = request.isKeyBinary
        if request.has("T") {
            options.expiry = context.touchExpiry(request.exptime)
        } else if options.clearsValue {
            options.expiry = context.storeExpiry(0)
        }
        if request.has("E"), !context.hidesCAS { options.newCAS = request.newCAS }
        let observed = context.isObserved ? observeDelete(key, context) : nil
        let hash = context.engine.hash(key)
        switch context.engine.metaDelete(key, hash, options, at: context.now) {
        case .deleted:
            if !options.invalidates {
                context.counters.deleteHits &+= 1
                if let observed { tellDeletion(of: observed, key, by: "md", context) }
            }
            if !request.has("q") { context.answerMeta("HD", request, bytes, key) }
        case .notFound:
            context.counters.deleteMisses &+= 1
            context.answerMeta("NF", request, bytes, key)
        case .exists:
            context.counters.deleteMisses &+= 1
            context.answerMeta("EX", request, bytes, key)
        case .outOfMemory: context.reply(TextReply.outOfMemory)
        }
    }

    mutating func metaDebug(
        _ request: MetaRequest, _ key: Span<UInt8>, _ context: inout WorkerContext
    ) {
        context.counters.metaCommands &+= 1
        let now = context.now
        let isFound = unsafe context.uncounted._withUnsafeGuaranteedRef { engine in
            engine.inspect(key, engine.hash(key), at: now) { item in
                context.output.bytes.append("ME ")
                if item.isShownInBase64 {
                    context.output.bytes.appendBase64(item.key)
                } else {
                    context.output.bytes.append(item.key)
                }
                let exptime = item.expiry.remainingSeconds(at: now).map(String.init) ?? "-1"
                let cas = context.hidesCAS ? 0 : item.cas
                context.output.bytes.append(
                    " exp=\(exptime) la=\(item.secondsSinceAccess(at: now)) cas=\(cas)"
                        + " fetch=\(item.isFetched ? "yes" : "no") cls=\(item.classNumber)"
                        + " size=\(item.memcachedBytes)\r\n")
            }
        }
        if !isFound { context.reply(TextReply.metaMiss) }
    }
}

extension WorkerContext {
    fileprivate func counterOptions(
        _ request: MetaRequest, _ bytes: Span<UInt8>
    ) -> CounterOptions {
        var options = CounterOptions()
        options.hasBinaryKey = request.isKeyBinary
        // Without CAS (-C) no value has one that a client could name.
        if request.comparedCAS != 0 { options.comparedCAS = hidesCAS ? .max : request.comparedCAS }
        if request.has("E"), !hidesCAS { options.newCAS = request.newCAS }
        if request.has("T") { options.expiry = touchExpiry(request.exptime) }
        if request.has("N") {
            options.initial = (request.initial, metaExpiry(request, bytes))
        }
        return options
    }

    /// A code with what was asked for regardless of the outcome.
    fileprivate mutating func answerMeta(
        _ code: StaticString, _ request: MetaRequest, _ bytes: Span<UInt8>, _ key: Span<UInt8>
    ) {
        output.bytes.append(code)
        output.bytes.appendEchoes(request, bytes, key: key)
        reply(TextReply.lineEnd)
    }

    fileprivate mutating func answer(
        _ counter: CounterValue, _ request: MetaRequest, _ options: CounterOptions,
        _ bytes: Span<UInt8>, _ key: Span<UInt8>
    ) {
        if request.has("v") {
            output.bytes.append("VA ")
            output.bytes.appendDecimal(UInt64(String(counter.value).utf8.count))
        } else {
            output.bytes.append("HD")
        }
        var expiry = counter.oldExpiry
        var flags = MetaFlags(request.flags)
        while let (letter, token) = flags.next(in: bytes) {
            switch letter {
            case UInt8(ascii: "T"): expiry = options.expiry ?? expiry
            case UInt8(ascii: "N"):
                if counter.isNew { expiry = storeExpiry(request.vivifyExptime) }
            case UInt8(ascii: "c"): output.bytes.appendFlag("c", hidesCAS ? 0 : counter.cas)
            case UInt8(ascii: "t"): output.bytes.appendTTL(expiry.remainingSeconds(at: now))
            case UInt8(ascii: "O"): output.bytes.appendOpaque(bytes[token])
            case UInt8(ascii: "k"):
                output.bytes.appendKeyFlag(key, isBinary: request.isKeyBinary)
            default: break
            }
        }
        reply(TextReply.lineEnd)
        guard request.has("v") else { return }
        output.bytes.appendDecimal(counter.value)
        reply(TextReply.lineEnd)
    }
}
