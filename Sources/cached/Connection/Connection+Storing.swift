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

/// set, add, replace, append, prepend, cas: values that are there whole, that come in parts, and
/// that are not wanted.
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
            refuse(request, TextReply.tooLarge, &position, next)
        } else if bytes.count >= end {
            storeWhole(request, options, hash, bytes, &position, next: next, end: end, &context)
        } else if request.length >= CacheEngine.largeValueBytes {
            beginLarge(request, options, key, hash, &position, next, &context)
        } else {
            // It is executed when it is complete.
            neededBytes = end - position
        }
    }

    private mutating func refuse(
        _ request: StoreRequest, _ reply: StaticString, _ position: inout Int, _ next: Int
    ) {
        state = .swallowing(
            remaining: request.length + 2, reply: request.noReply ? nil : reply)
        position = next
    }

    private mutating func storeWhole(
        _ request: StoreRequest, _ options: StoreOptions, _ hash: KeyHash, _ bytes: Span<UInt8>,
        _ position: inout Int, next: Int, end: Int, _ context: inout WorkerContext
    ) {
        guard bytes[end - 2] == UInt8(ascii: "\r"), bytes[end - 1] == UInt8(ascii: "\n") else {
            context.counters.setCommands &+= 1
            context.reply(TextReply.badDataChunk, unless: request.noReply)
            position = end
            return
        }
        let key = bytes[request.key]
        let value = bytes.extracting(next..<end - 2)
        if context.isObserved { observeLookup(key, context) }
        var result = StoreResult.mustCull
        repeat {
            result = context.engine.store(
                options, key: key, hash, value: value, mayExceed: context.mayExceed,
                at: context.now)
            context.mayExceed = false
        } while result == .mustCull && cullNow(&context)
        guard result != .mustCull else {
            awaitsCull = true
            return
        }
        context.counters.setCommands &+= 1
        if context.isObserved {
            observeStore(result, options, key, valueLength: value.count, context)
        }
        answer(result, options.mode, noReply: request.noReply, &context)
        position = end
    }

    /// Makes room by count if a step is enough for it; otherwise the request has to wait.
    private func cullNow(_ context: inout WorkerContext) -> Bool {
        switch context.engine.cull(ServerLimits.cullStepItems, at: context.now) {
        case .done: return true
        case .nothingToDrop:
            context.mayExceed = true
            return true
        case .more: return false
        }
    }

    func answer(
        _ result: StoreResult, _ mode: StoreMode, noReply: Bool, _ context: inout WorkerContext
    ) {
        if case .cas = mode { countCAS(result, &context.counters) }
        switch result {
        case .stored: context.reply(TextReply.stored, unless: noReply)
        case .notStored: context.reply(TextReply.notStored, unless: noReply)
        case .exists: context.reply(TextReply.exists, unless: noReply)
        case .notFound: context.reply(TextReply.notFound, unless: noReply)
        case .tooLarge:
            context.counters.storeTooLarge &+= 1
            context.reply(TextReply.tooLarge, unless: noReply)
        case .outOfMemory:
            context.counters.storeNoMemory &+= 1
            context.reply(TextReply.outOfMemoryStoring, unless: noReply)
        case .mustCull: preconditionFailure("a store that must cull has no answer yet")
        }
    }

    private func countCAS(_ result: StoreResult, _ counters: inout CommandCounters) {
        switch result {
        case .stored: counters.casHits &+= 1
        case .exists: counters.casMismatches &+= 1
        case .notFound: counters.casMisses &+= 1
        default: break
        }
    }

    // -- values that come in parts --

    private mutating func beginLarge(
        _ request: StoreRequest, _ options: StoreOptions, _ key: Span<UInt8>, _ hash: KeyHash,
        _ position: inout Int, _ next: Int, _ context: inout WorkerContext
    ) {
        if context.countsPrefixes { context.server.prefixes.record(.set, key: key) }
        guard
            let writer = context.engine.begin(
                options, key: key, hash, valueLength: request.length, at: context.now)
        else {
            failLarge(options.mode, key, hash, &context)
            refuse(request, TextReply.outOfMemoryStoring, &position, next)
            return
        }
        state = .receiving(writer, remaining: request.length, noReply: request.noReply)
        position = next
    }

    private func failLarge(
        _ mode: StoreMode, _ key: Span<UInt8>, _ hash: KeyHash, _ context: inout WorkerContext
    ) {
        context.counters.storeNoMemory &+= 1
        context.engine.rejectTooLarge(mode, key, hash, at: context.now)
    }

    mutating func receive(
        _ bytes: Span<UInt8>, _ position: inout Int, _ writer: CacheEngine.LargeWriter,
        _ remaining: Int, noReply: Bool, _ context: inout WorkerContext
    ) {
        guard remaining > 0 else {
            finishLarge(bytes, &position, writer, noReply: noReply, &context)
            return
        }
        let count = min(remaining, bytes.count - position)
        guard count > 0 else { return }
        var writer = writer
        let part = bytes.extracting(position..<position + count)
        position += count
        if context.engine.append(part, to: &writer, at: context.now) {
            state = .receiving(writer, remaining: remaining - count, noReply: noReply)
        } else {
            context.counters.storeNoMemory &+= 1
            context.engine.fail(writer, at: context.now)
            let reply = noReply ? nil : TextReply.outOfMemoryStoring
            state = .swallowing(remaining: remaining - count + 2, reply: reply)
        }
    }

    private mutating func finishLarge(
        _ bytes: Span<UInt8>, _ position: inout Int, _ writer: CacheEngine.LargeWriter,
        noReply: Bool, _ context: inout WorkerContext
    ) {
        guard bytes.count - position >= 2 else {
            neededBytes = 2
            return
        }
        guard bytes[position] == UInt8(ascii: "\r"), bytes[position + 1] == UInt8(ascii: "\n")
        else {
            context.engine.abandon(writer)
            context.counters.setCommands &+= 1
            context.reply(TextReply.badDataChunk, unless: noReply)
            state = .command
            position += 2
            return
        }
        let observed = context.watched.isEmpty ? nil : observeFinish(writer, context)
        var result = StoreResult.mustCull
        repeat {
            result = context.engine.finish(
                writer, mayExceed: context.mayExceed, at: context.now)
            context.mayExceed = false
        } while result == .mustCull && cullNow(&context)
        guard result != .mustCull else {
            awaitsCull = true
            return
        }
        context.counters.setCommands &+= 1
        if let observed { tellStore(result, observed, context) }
        state = .command
        position += 2
        answer(result, writer.storeMode, noReply: noReply, &context)
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
        case .cas(let value): .cas(server.settings.casDisabled ? .max : value)
        }
    }
}
