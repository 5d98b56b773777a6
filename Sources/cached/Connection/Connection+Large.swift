import CacheEngine
import Protocol

/// Values that come in parts, and go straight to the engine.
extension Connection {
    mutating func beginLarge(
        _ options: StoreOptions, _ key: Span<UInt8>, _ hash: KeyHash, length: Int,
        _ answer: StoreAnswer, _ position: inout Int, _ next: Int,
        _ context: inout WorkerContext
    ) {
        position = next
        if let writer = beginWriting(options, key, hash, length: length, &context) {
            state = .receiving(writer, remaining: length, answer)
        } else {
            state = .swallowing(remaining: length + 2, reply: answer.outOfMemory)
        }
    }

    /// - Returns: nil if there is no memory; then the old value is gone too, if it was to be
    ///   replaced.
    func beginWriting(
        _ options: StoreOptions, _ key: Span<UInt8>, _ hash: KeyHash, length: Int,
        _ context: inout WorkerContext
    ) -> CacheEngine.LargeWriter? {
        if context.countsPrefixes { context.server.prefixes.record(.set, key: key) }
        let writer = context.engine.begin(
            options, key: key, hash, valueLength: length, at: context.now)
        if writer == nil {
            context.counters.storeNoMemory &+= 1
            context.engine.rejectTooLarge(options.mode, key, hash, at: context.now)
        }
        return writer
    }

    mutating func receive(
        _ bytes: Span<UInt8>, _ position: inout Int, _ writer: CacheEngine.LargeWriter,
        _ remaining: Int, _ answer: StoreAnswer, _ context: inout WorkerContext
    ) {
        guard remaining > 0 else {
            finishLarge(bytes, &position, writer, answer, &context)
            return
        }
        let count = min(remaining, bytes.count - position)
        guard count > 0 else { return }
        var writer = writer
        let part = bytes.extracting(position..<position + count)
        position += count
        if context.engine.append(part, to: &writer, at: context.now) {
            state = .receiving(writer, remaining: remaining - count, answer)
        } else {
            context.counters.storeNoMemory &+= 1
            context.engine.fail(writer, at: context.now)
            state = .swallowing(remaining: remaining - count + 2, reply: answer.outOfMemory)
        }
    }

    private mutating func finishLarge(
        _ bytes: Span<UInt8>, _ position: inout Int, _ writer: CacheEngine.LargeWriter,
        _ answer: StoreAnswer, _ context: inout WorkerContext
    ) {
        guard bytes.count - position >= 2 else {
            neededBytes = 2
            return
        }
        guard endsWithLineEnd(bytes, position + 2) else {
            context.engine.abandon(writer)
            context.counters.setCommands &+= 1
            if let reply = answer.badDataChunk { context.reply(reply) }
            state = .command
            position += 2
            return
        }
        guard let result = finishNow(writer, &context) else { return }
        state = .command
        position += 2
        answer.reply(result, writer.options.mode, &context)
    }

    /// Stores a value that is complete.
    /// - Returns: nil if it has to wait for a cull (`awaitsCull`).
    mutating func finishNow(
        _ writer: CacheEngine.LargeWriter, _ context: inout WorkerContext
    ) -> StoreResult? {
        let observed = context.watched.isEmpty ? nil : observeFinish(writer, context)
        var result = StoreResult.mustCull
        repeat {
            result = context.engine.finish(
                writer, mayExceed: context.mayExceed, at: context.now)
            context.mayExceed = false
        } while result == .mustCull && cullNow(&context)
        guard result != .mustCull else {
            awaitsCull = true
            return nil
        }
        isRetrying = false
        if let observed { tellStore(result, observed, context) }
        return result
    }
}

extension StoreAnswer {
    /// nil: nothing is answered.
    fileprivate var outOfMemory: StaticString? {
        if case .text(noReply: true) = self { return nil }
        return TextReply.outOfMemoryStoring
    }

    fileprivate var badDataChunk: StaticString? {
        if case .text(noReply: true) = self { return nil }
        return TextReply.badDataChunk
    }

    fileprivate func reply(
        _ result: StoreResult, _ mode: StoreMode, _ context: inout WorkerContext
    ) {
        switch self {
        case .text(let noReply): context.answer(result, mode, noReply: noReply)
        case .meta(let answer): answer.reply(result, mode, &context)
        }
    }
}
