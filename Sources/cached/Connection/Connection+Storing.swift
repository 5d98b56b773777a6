import CacheEngine
import Protocol

/// A storage command's line.
struct StoreRequest {
    let command: StorageCommand
    let key: ByteRange
    let flags: UInt32
    let exptime: Int32
    let length: Int
    let noReply: Bool
}

/// How the outcome of a store is told, when the command's line is gone.
enum StoreAnswer {
    case text(noReply: Bool)
    case meta(MetaStoreAnswer)
}

/// set, add, replace, append, prepend, cas; and what all commands that store have in common.
extension Connection {
    mutating func store(
        _ request: StoreRequest, _ bytes: Span<UInt8>, _ position: inout Int, next: Int,
        _ context: inout WorkerContext
    ) {
        let key = bytes[request.key]
        let hash = context.engine.hash(key)
        let options = StoreOptions(
            mode: context.mode(of: request.command), flags: request.flags,
            expiry: context.storeExpiry(request.exptime))
        let end = next + request.length + 2
        let size = CacheEngine.itemBytes(
            keyLength: key.count, valueLength: request.length, flags: request.flags)
        if size > context.server.settings.maxItemSizeBytes {
            context.counters.storeTooLarge &+= 1
            if context.isObserved {
                observeStore(.tooLarge, options, key, valueLength: request.length, context)
            }
            context.engine.rejectTooLarge(options.mode, key, hash, at: context.now)
            state = .swallowing(
                remaining: request.length + 2,
                reply: request.noReply ? nil : TextReply.tooLarge)
            position = next
        } else if bytes.count >= end {
            guard endsWithLineEnd(bytes, end) else {
                context.counters.setCommands &+= 1
                context.reply(TextReply.badDataChunk, unless: request.noReply)
                position = end
                return
            }
            let value = bytes.extracting(next..<end - 2)
            guard let result = storeNow(options, key, hash, value, &context) else { return }
            context.answer(result, options.mode, noReply: request.noReply)
            position = end
        } else if request.length >= CacheEngine.largeValueBytes {
            beginLarge(
                options, key, hash, length: request.length, .text(noReply: request.noReply),
                &position, next, &context)
        } else {
            // It is executed when it is complete.
            neededBytes = end - position
        }
    }

    /// Whether a value's line ending stands before `end`.
    @inline(__always)
    func endsWithLineEnd(_ bytes: Span<UInt8>, _ end: Int) -> Bool {
        bytes[end - 2] == UInt8(ascii: "\r") && bytes[end - 1] == UInt8(ascii: "\n")
    }

    /// Stores a value that is there whole.
    /// - Returns: nil if the request has to wait for a cull (`awaitsCull`).
    mutating func storeNow(
        _ options: StoreOptions, _ key: Span<UInt8>, _ hash: KeyHash, _ value: Span<UInt8>,
        _ context: inout WorkerContext
    ) -> StoreResult? {
        if context.isObserved, !isRetrying { observeLookup(key, context) }
        var result = StoreResult.mustCull
        repeat {
            result = context.engine.store(
                options, key: key, hash, value: value, mayExceed: context.mayExceed,
                at: context.now)
            context.mayExceed = false
        } while result == .mustCull && cullNow(&context)
        guard result != .mustCull else {
            awaitsCull = true
            return nil
        }
        isRetrying = false
        if context.isObserved {
            observeStore(result, options, key, valueLength: value.count, context)
        }
        return result
    }

    /// Counts: incr, decr and `ma`.
    /// - Returns: nil if the request has to wait for a cull (`awaitsCull`).
    mutating func adjustNow(
        _ options: CounterOptions, _ key: Span<UInt8>, _ direction: CounterDirection,
        by delta: UInt64, _ context: inout WorkerContext
    ) -> CounterResult? {
        if context.isObserved, !isRetrying { observeLookup(key, context) }
        let hash = context.engine.hash(key)
        var result = CounterResult.mustCull
        repeat {
            result = context.engine.adjust(
                key, hash, direction, by: delta, options, mayExceed: context.mayExceed,
                at: context.now)
            context.mayExceed = false
        } while result == .mustCull && cullNow(&context)
        guard result != .mustCull else {
            awaitsCull = true
            return nil
        }
        isRetrying = false
        return result
    }

    /// Makes room by count if a step is enough for it; otherwise the request has to wait.
    func cullNow(_ context: inout WorkerContext) -> Bool {
        switch context.engine.cull(ServerLimits.cullStepItems, at: context.now) {
        case .done: return true
        case .nothingToDrop:
            context.mayExceed = true
            return true
        case .more: return false
        }
    }

    // -- values that are not wanted --

    mutating func swallow(
        _ bytes: Span<UInt8>, _ position: inout Int, _ remaining: Int, _ reply: StaticString?,
        _ context: inout WorkerContext
    ) {
        let count = min(remaining, bytes.count - position)
        position += count
        if count < remaining {
            state = .swallowing(remaining: remaining - count, reply: reply)
        } else {
            state = .command
            if let reply { context.reply(reply) }
        }
    }
}

extension WorkerContext {
    func mode(of command: StorageCommand) -> StoreMode {
        switch command {
        case .set: .set
        case .add: .add
        case .replace: .replace
        case .append: .append
        case .prepend: .prepend
        // Without CAS (-C) no value has one that a client could name.
        case .cas(let value): .cas(hidesCAS ? 0 : value)
        }
    }

    /// Counts a store that is dealt with.
    mutating func count(_ result: StoreResult, _ mode: StoreMode) {
        counters.setCommands &+= 1
        switch result {
        case .tooLarge: counters.storeTooLarge &+= 1
        case .outOfMemory: counters.storeNoMemory &+= 1
        default: break
        }
        guard case .cas = mode else { return }
        switch result {
        case .stored: counters.casHits &+= 1
        case .exists: counters.casMismatches &+= 1
        case .notFound: counters.casMisses &+= 1
        default: break
        }
    }

    mutating func answer(_ result: StoreResult, _ mode: StoreMode, noReply: Bool) {
        count(result, mode)
        switch result {
        case .stored: reply(TextReply.stored, unless: noReply)
        case .notStored: reply(TextReply.notStored, unless: noReply)
        case .exists: reply(TextReply.exists, unless: noReply)
        case .notFound: reply(TextReply.notFound, unless: noReply)
        case .tooLarge: reply(TextReply.tooLarge, unless: noReply)
        case .outOfMemory: reply(TextReply.outOfMemoryStoring, unless: noReply)
        case .mustCull: preconditionFailure("a store that must cull has no answer yet")
        }
    }
}
