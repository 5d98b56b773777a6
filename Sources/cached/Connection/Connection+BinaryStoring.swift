import CacheEngine
import Protocol

/// Binary set, add, replace, append, prepend, each perhaps with a CAS value. Unlike in text, no line
/// ending follows the value.
extension Connection {
    mutating func storeBinary(
        _ request: BinaryStore, _ tag: BinaryTag, _ bytes: Span<UInt8>, _ position: inout Int,
        next: Int, _ context: inout WorkerContext
    ) {
        let key = bytes[request.key]
        let hash = context.engine.hash(key)
        let options = context.options(of: request)
        let end = next + request.length
        let size = CacheEngine.itemBytes(
            keyLength: key.count, valueLength: request.length, flags: request.flags)
        if size > context.server.settings.maxItemSizeBytes {
            context.counters.storeTooLarge &+= 1
            // Whatever its CAS value: a stale value would be worse than none.
            let mode = request.command == .set ? StoreMode.set : options.mode
            context.engine.rejectTooLarge(mode, key, hash, at: context.now)
            let refusal = BinaryRefusal(tag: tag, status: .tooLarge)
            skipBody(request.length, then: refusal, &context)
            position = next
        } else if bytes.count >= end {
            let value = bytes.extracting(next..<end)
            guard let result = storeNow(options, key, hash, value, &context) else { return }
            context.answer(result, options.mode, tag)
            position = end
        } else if request.length >= CacheEngine.largeValueBytes {
            beginBinaryLarge(request.length, options, tag, key, hash, &context)
            position = next
        } else {
            // It is executed when it is complete.
            neededBytes = end - position
        }
    }

    // -- values that come in parts --

    private mutating func beginBinaryLarge(
        _ length: Int, _ options: StoreOptions, _ tag: BinaryTag, _ key: Span<UInt8>,
        _ hash: KeyHash, _ context: inout WorkerContext
    ) {
        if let writer = beginWriting(options, key, hash, length: length, &context) {
            state = .receivingBinary(writer, remaining: length, tag)
        } else {
            skipBody(length, then: .noMemoryForItem(tag), &context)
        }
    }

    /// - Parameter remaining: bytes of the value that are still to come; 0 when all are written and
    ///   the value waits for a cull. The last byte is left in the input then, as a request of its
    ///   own that is tried again.
    mutating func receiveBinary(
        _ bytes: Span<UInt8>, _ position: inout Int, _ writer: CacheEngine.LargeWriter,
        _ remaining: Int, _ tag: BinaryTag, _ context: inout WorkerContext
    ) {
        let count = min(remaining, bytes.count - position)
        guard count > 0 || remaining == 0 else { return }
        var writer = writer
        let part = bytes.extracting(position..<position + count)
        guard context.engine.append(part, to: &writer, at: context.now) else {
            context.counters.storeNoMemory &+= 1
            context.engine.fail(writer, at: context.now)
            position += count
            skipBody(remaining - count, then: .noMemoryForItem(tag), &context)
            return
        }
        state = .receivingBinary(writer, remaining: remaining - count, tag)
        position += count
        guard remaining == count else { return }
        if remaining > 0 { position -= 1 }
        guard let result = finishNow(writer, &context) else { return }
        state = .command
        position += 1
        context.answer(result, writer.options.mode, tag)
    }
}

extension BinaryRefusal {
    static func noMemoryForItem(_ tag: BinaryTag) -> BinaryRefusal {
        BinaryRefusal(tag: tag, status: .outOfMemory, text: "Out of memory allocating item")
    }
}

extension WorkerContext {
    fileprivate mutating func answer(_ result: StoreResult, _ mode: StoreMode, _ tag: BinaryTag) {
        count(result, mode)
        switch result {
        case .stored(let cas, _):
            if !tag.isQuiet { output.bytes.appendBinaryHeader(tag, cas: hidesCAS ? 0 : cas) }
        case .notStored:
            switch mode {
            case .add: output.bytes.appendBinaryError(tag, .keyExists)
            case .replace: output.bytes.appendBinaryError(tag, .keyNotFound)
            default: output.bytes.appendBinaryError(tag, .notStored)
            }
        case .exists: output.bytes.appendBinaryError(tag, .keyExists)
        case .notFound: output.bytes.appendBinaryError(tag, .keyNotFound)
        case .tooLarge: output.bytes.appendBinaryError(tag, .tooLarge)
        case .outOfMemory: refuse(.noMemoryForItem(tag))
        case .mustCull: preconditionFailure("a store that must cull has no answer yet")
        }
    }

    @inline(__always)
    fileprivate func options(of request: BinaryStore) -> StoreOptions {
        // Without CAS (-C) none is compared, unlike in text.
        let cas = hidesCAS ? 0 : request.cas
        var mode: StoreMode =
            switch request.command {
            case .append: .append
            case .prepend: .prepend
            case .add: .add
            case .replace: .replace
            case .set, .cas: .set
            }
        if request.command == .append || request.command == .prepend {
            // What is there keeps its flags and expiry.
            var options = StoreOptions(mode: mode)
            options.comparedCAS = cas
            return options
        }
        if cas != 0 { mode = .cas(cas) }
        return StoreOptions(
            mode: mode, flags: request.flags, expiry: storeExpiry(unsigned: request.exptime))
    }
}
