import CacheEngine
import Protocol

/// The meta commands: what they have in common, and `mg`.
extension Connection {
    mutating func meta(
        _ command: MetaCommand, _ rest: ByteRange, _ bytes: Span<UInt8>,
        _ position: inout Int, next: Int, _ context: inout WorkerContext
    ) {
        if command == .noop {
            context.reply(TextReply.metaNoop)
            position = next
            return
        }
        switch MetaParser.parse(command, bytes, rest) {
        case .error(let reply):
            context.reply(reply)
            position = next
        case .storeError(let reply, let length):
            state = .swallowing(remaining: length + 2, reply: reply)
            position = next
        case .request(let request):
            if request.isKeyBinary {
                var decoded = Base64.Decoded(repeating: 0)
                let count = Base64.decode(bytes[request.key], into: &decoded)
                perform(
                    command, request, decoded.span.extracting(0..<count), bytes, &position,
                    next: next, &context)
            } else {
                perform(
                    command, request, bytes[request.key], bytes, &position, next: next, &context)
            }
        }
    }

    /// - Parameter position: moved on if the request need not wait, for its value or for a cull.
    private mutating func perform(
        _ command: MetaCommand, _ request: MetaRequest, _ key: Span<UInt8>,
        _ bytes: Span<UInt8>, _ position: inout Int, next: Int, _ context: inout WorkerContext
    ) {
        switch command {
        case .set:
            metaStore(request, key, bytes, &position, next: next, &context)
            return
        case .get: lookUp(request, key, context.engine.hash(key), bytes, &context)
        case .arithmetic: metaAdjust(request, key, bytes, &context)
        case .delete: metaDelete(request, key, bytes, &context)
        case .debug: metaDebug(request, key, &context)
        case .noop: break
        }
        if !awaitsCull { position = next }
    }

    /// Adds an `mg` to the batch, as other gets are; or executes it, if it can't wait there.
    mutating func metaRetrieve(
        _ bytes: Span<UInt8>, _ rest: ByteRange, requestStart: Int, next: Int,
        _ position: inout Int, _ context: inout WorkerContext
    ) {
        // A key in base64 is not among the bytes; making an item may have to wait for a cull.
        if case .request(let request) = MetaParser.parse(.get, bytes, rest),
            !request.isKeyBinary, !request.has("N")
        {
            if context.batch.isFull {
                var resume = requestStart
                runBatch(bytes, &resume, &context)
                if isBlocked || context.isTurnOver() {
                    hasYielded = !isBlocked
                    position = resume
                    return
                }
            }
            let hash = context.engine.hash(bytes[request.key])
            context.batch.append(request, hash: hash, requestStart: requestStart)
            position = next
            return
        }
        runBatch(bytes, &position, &context)
        if !isBlocked { meta(.get, rest, bytes, &position, next: next, &context) }
    }

    /// Looks up the key of an `mg` and answers.
    mutating func lookUp(
        _ request: MetaRequest, _ key: Span<UInt8>, _ hash: KeyHash, _ bytes: Span<UInt8>,
        _ context: inout WorkerContext
    ) {
        let options = context.metaGetOptions(request, bytes)
        let now = context.now
        var result = MetaGetResult.mustCull
        var isNew = false
        repeat {
            let mayExceed = context.mayExceed
            context.mayExceed = false
            result = unsafe context.uncounted._withUnsafeGuaranteedRef { engine in
                engine.metaGet(
                    key, hash, options, mayExceed: mayExceed, at: now
                ) { item, outcome in
                    isNew = outcome.isNew
                    context.appendHit(item, outcome, request, options, bytes, engine)
                }
            }
        } while result == .mustCull && cullNow(&context)
        switch result {
        case .mustCull:
            awaitsCull = true
            return
        case .hit: count(.hit, isTouch: request.has("T"), &context.counters)
        case .miss(let reason): count(reason, isTouch: false, &context.counters)
        case .outOfMemory: count(.miss, isTouch: false, &context.counters)
        }
        if context.isObserved {
            observeFetch(isNew ? .miss : result.retrieved, key, context)
        }
        guard result != .hit, !request.has("q") else { return }
        context.output.bytes.append("EN")
        context.output.bytes.appendEchoes(request, bytes, key: key)
        context.reply(TextReply.lineEnd)
    }
}

extension ItemView {
    /// As it came; or because it has bytes that could not stand in a line, as keys of the binary
    /// protocol may.
    var isShownInBase64: Bool { hasBinaryKey || !TextParser.isKey(key) }
}

extension WorkerContext {
    fileprivate func metaGetOptions(
        _ request: MetaRequest, _ bytes: Span<UInt8>
    ) -> MetaGetOptions {
        var options = MetaGetOptions()
        options.isAccess = !request.has("u")
        options.hasBinaryKey = request.isKeyBinary
        if request.has("T") { options.expiry = touchExpiry(request.exptime) }
        if request.has("N") {
            options.vivifyExpiry = metaExpiry(request, bytes)
            if request.has("E"), !hidesCAS { options.newCAS = request.newCAS }
        }
        if request.has("R") {
            options.recacheBefore = touchExpiry(request.recacheExptime)
            options.recachesByNewExpiry = request.isBefore("T", "R", bytes)
        }
        return options
    }

    /// The expiry of an item that a miss makes: that of N or T, whichever comes later.
    func metaExpiry(_ request: MetaRequest, _ bytes: Span<UInt8>) -> Expiry {
        let isTouched = request.has("T") && request.isBefore("N", "T", bytes)
        return isTouched ? touchExpiry(request.exptime) : storeExpiry(request.vivifyExptime)
    }

    /// Answers a hit of `mg`: the item as it was before, in the order of the request's flags.
    fileprivate mutating func appendHit(
        _ item: borrowing ItemView, _ outcome: MetaGetOutcome, _ request: MetaRequest,
        _ options: MetaGetOptions, _ bytes: Span<UInt8>, _ engine: CacheEngine
    ) {
        let cas = hidesCAS ? 0 : item.cas
        let isKnown = request.has("C") && request.comparedCAS == cas
        let showsValue = request.has("v") && !isKnown
        if showsValue {
            output.bytes.append("VA ")
            output.bytes.appendDecimal(UInt64(item.valueLength))
        } else {
            output.bytes.append("HD")
        }
        var expiry = outcome.isNew ? .never : item.expiry
        var flags = MetaFlags(request.flags)
        while let (letter, token) = flags.next(in: bytes) {
            switch letter {
            case UInt8(ascii: "T"): expiry = options.expiry ?? expiry
            case UInt8(ascii: "N"):
                if outcome.isNew { expiry = storeExpiry(request.vivifyExptime) }
            case UInt8(ascii: "s"):
                output.bytes.appendFlag("s", UInt64(item.valueLength))
            case UInt8(ascii: "t"): output.bytes.appendTTL(expiry.remainingSeconds(at: now))
            case UInt8(ascii: "c"): output.bytes.appendFlag("c", cas)
            case UInt8(ascii: "f"): output.bytes.appendFlag("f", UInt64(item.flags))
            case UInt8(ascii: "l"):
                output.bytes.appendFlag("l", item.secondsSinceAccess(at: now))
            case UInt8(ascii: "h"): output.bytes.appendFlag("h", item.isFetched ? 1 : 0)
            case UInt8(ascii: "O"): output.bytes.appendOpaque(bytes[token])
            case UInt8(ascii: "k"):
                output.bytes.appendKeyFlag(item.key, isBinary: item.isShownInBase64)
            default: break
            }
        }
        if outcome.isTokenSent { output.bytes.appendFlag("Z") }
        if outcome.isStale { output.bytes.appendFlag("X") }
        if outcome.isWon { output.bytes.appendFlag("W") }
        reply(TextReply.lineEnd)
        if showsValue { output.appendValue(of: item, engine) }
    }
}
