import CacheEngine
import Protocol

/// `ms`.
extension Connection {
    mutating func metaStore(
        _ request: MetaRequest, _ key: Span<UInt8>, _ bytes: Span<UInt8>,
        _ position: inout Int, next: Int, _ context: inout WorkerContext
    ) {
        let length = request.valueLength
        let options = context.metaStoreOptions(request)
        let hash = context.engine.hash(key)
        let end = next + length + 2
        let size = CacheEngine.itemBytes(
            keyLength: key.count, valueLength: length, flags: options.flags)
        if size > context.server.settings.maxItemSizeBytes {
            context.counters.storeTooLarge &+= 1
            if context.isObserved {
                observeStore(.tooLarge, options, key, valueLength: length, context)
            }
            // Whatever the mode: memcached takes no chance with what a client meant to replace.
            context.engine.rejectTooLarge(.set, key, hash, at: context.now)
            state = .swallowing(remaining: length + 2, reply: TextReply.tooLarge)
            position = next
        } else if bytes.count >= end {
            guard endsWithLineEnd(bytes, end) else {
                context.counters.setCommands &+= 1
                context.reply(TextReply.badDataChunk)
                position = end
                return
            }
            let value = bytes.extracting(next..<end - 2)
            guard let result = storeNow(options, key, hash, value, &context) else { return }
            context.answer(result, options.mode, request, bytes, key)
            position = end
        } else if length >= CacheEngine.largeValueBytes {
            let answer = MetaStoreAnswer(request, bytes)
            beginLarge(
                options, key, hash, length: length, .meta(answer), &position, next, &context)
        } else {
            // It is executed when it is complete.
            neededBytes = end - position
        }
    }
}

/// What is needed to answer an `ms` whose value comes in parts, when its line is gone.
final class MetaStoreAnswer: Sendable {
    private let line: [UInt8]
    private let request: MetaRequest

    init(_ request: MetaRequest, _ bytes: Span<UInt8>) {
        let start = request.key.start
        line = (start..<request.flags.end).map { bytes[$0] }
        var moved = request
        moved.key = ByteRange(start: 0, end: request.key.count)
        moved.flags = ByteRange(
            start: request.flags.start - start, end: request.flags.end - start)
        self.request = moved
    }

    func reply(_ result: StoreResult, _ mode: StoreMode, _ context: inout WorkerContext) {
        // A copy of the reference: a span of a class's property would outlive the access to it.
        let line = line
        let bytes = line.span
        let key = bytes[request.key]
        guard request.isKeyBinary else {
            context.answer(result, mode, request, bytes, key)
            return
        }
        var decoded = Base64.Decoded(repeating: 0)
        let count = Base64.decode(key, into: &decoded)
        let raw = decoded.span
        context.answer(result, mode, request, bytes, raw.extracting(0..<count))
    }
}

extension WorkerContext {
    fileprivate func metaStoreOptions(_ request: MetaRequest) -> StoreOptions {
        var mode: StoreMode =
            switch request.mode {
            case UInt8(ascii: "E"): .add
            case UInt8(ascii: "A"): .append
            case UInt8(ascii: "P"): .prepend
            case UInt8(ascii: "R"): .replace
            default: .set
            }
        let extends = mode == .append || mode == .prepend
        let comparedCAS = hidesCAS ? 0 : request.comparedCAS
        if request.has("C"), mode == .set || mode == .replace { mode = .cas(comparedCAS) }
        let vivifies = extends && request.has("N")
        let exptime = vivifies ? request.vivifyExptime : request.exptime
        var options = StoreOptions(
            mode: mode, flags: request.clientFlags, expiry: storeExpiry(exptime))
        options.vivifies = vivifies
        if extends { options.comparedCAS = comparedCAS }
        if case .cas = mode { options.takesStale = request.has("I") }
        if request.newCAS != 0, !hidesCAS { options.newCAS = request.newCAS }
        options.hasBinaryKey = request.isKeyBinary
        return options
    }

    /// Answers an `ms` whose value is dealt with.
    fileprivate mutating func answer(
        _ result: StoreResult, _ mode: StoreMode, _ request: MetaRequest,
        _ bytes: Span<UInt8>, _ key: Span<UInt8>
    ) {
        count(result, mode)
        var cas: UInt64 = 0
        var length = request.valueLength
        switch result {
        case .stored(let stored, let whole):
            if request.has("q") { return }
            cas = hidesCAS ? 0 : stored
            length = whole
            output.bytes.append("HD")
        case .exists: output.bytes.append("EX")
        case .notFound: output.bytes.append("NF")
        case .notStored: output.bytes.append("NS")
        case .tooLarge: return reply(TextReply.tooLarge)
        case .outOfMemory: return reply(TextReply.outOfMemoryStoring)
        case .mustCull: preconditionFailure("a store that must cull has no answer yet")
        }
        var flags = MetaFlags(request.flags)
        while let (letter, token) = flags.next(in: bytes) {
            switch letter {
            case UInt8(ascii: "O"): output.bytes.appendOpaque(bytes[token])
            case UInt8(ascii: "k"):
                output.bytes.appendKeyFlag(key, isBinary: request.isKeyBinary)
            case UInt8(ascii: "c"): output.bytes.appendFlag("c", cas)
            case UInt8(ascii: "s"): output.bytes.appendFlag("s", UInt64(length))
            default: break
            }
        }
        reply(TextReply.lineEnd)
    }
}
