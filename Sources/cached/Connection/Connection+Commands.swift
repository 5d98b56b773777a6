import CacheEngine
import Protocol

/// delete, touch, incr, decr, and the commands of operators.
extension Connection {
    func delete(_ key: Span<UInt8>, noReply: Bool, _ context: inout WorkerContext) {
        if context.isObserved { observeDelete(key, context) }
        if context.engine.delete(key, context.engine.hash(key), at: context.now) {
            context.counters.deleteHits &+= 1
            context.reply(TextReply.deleted, unless: noReply)
        } else {
            context.counters.deleteMisses &+= 1
            context.reply(TextReply.notFound, unless: noReply)
        }
    }

    func touch(
        _ key: Span<UInt8>, _ exptime: Int32, noReply: Bool, _ context: inout WorkerContext
    ) {
        context.counters.touchCommands &+= 1
        let expiry = context.touchExpiry(exptime)
        if context.isObserved { observeLookup(key, context) }
        if context.engine.touch(key, context.engine.hash(key), expiry, at: context.now) {
            context.counters.touchHits &+= 1
            context.reply(TextReply.touched, unless: noReply)
        } else {
            context.counters.touchMisses &+= 1
            context.reply(TextReply.notFound, unless: noReply)
        }
    }

    func adjust(
        _ key: Span<UInt8>, _ direction: CounterDirection, _ delta: UInt64, noReply: Bool,
        _ context: inout WorkerContext
    ) {
        let hash = context.engine.hash(key)
        if context.isObserved { observeLookup(key, context) }
        switch context.engine.adjust(key, hash, direction, by: delta, at: context.now) {
        case .value(let value, _):
            if direction == .increment {
                context.counters.incrementHits &+= 1
            } else {
                context.counters.decrementHits &+= 1
            }
            guard !noReply else { return }
            context.output.bytes.appendDecimal(value)
            context.reply(TextReply.lineEnd)
        case .notFound:
            if direction == .increment {
                context.counters.incrementMisses &+= 1
            } else {
                context.counters.decrementMisses &+= 1
            }
            context.reply(TextReply.notFound, unless: noReply)
        case .notNumeric: context.reply(TextReply.notNumeric, unless: noReply)
        case .outOfMemory: context.reply(TextReply.outOfMemory, unless: noReply)
        }
    }

    mutating func performRare(
        _ request: TextRequest, _ bytes: Span<UInt8>, _ context: inout WorkerContext
    ) {
        switch request {
        case .flushAll(let delay, let noReply): flushAll(delay, noReply: noReply, &context)
        case .flushAllMalformed(let noReply):
            context.counters.flushCommands &+= 1
            let isRefused = context.server.settings.flushDisabled
            context.reply(
                isRefused ? TextReply.flushNotAllowed : TextReply.invalidExptime,
                unless: noReply)
        case .version:
            context.output.bytes.append("VERSION ")
            context.output.bytes.append(memcachedCompatibleVersion)
            context.reply(TextReply.lineEnd)
        case .verbosity(let level, let noReply):
            Log.verbosity.store(Int(min(level, 3)), ordering: .relaxed)
            context.tracesCommands = level >= 2
            context.reply(TextReply.ok, unless: noReply)
        case .stats(let arguments): stats(bytes[arguments], &context)
        case .cacheMemlimit(let megabytes, let noReply):
            context.reply(setMemoryLimit(megabytes, context), unless: noReply)
        case .shutdown(let mode, let noReply):
            shutdown(mode, noReply: noReply, &context)
        case .operation(let operation, let noReply):
            operate(operation, bytes, noReply: noReply, &context)
        default: preconditionFailure("a request that is performed elsewhere")
        }
    }

    private func flushAll(_ delay: Int32, noReply: Bool, _ context: inout WorkerContext) {
        context.counters.flushCommands &+= 1
        guard !context.server.settings.flushDisabled else {
            context.reply(TextReply.flushNotAllowed, unless: noReply)
            return
        }
        let moment = context.flushMoment(delay)
        if moment <= context.now {
            context.engine.flush()
        } else {
            context.engine.flush(at: moment)
        }
        context.reply(TextReply.ok, unless: noReply)
    }

    private func setMemoryLimit(
        _ megabytes: UInt32, _ context: borrowing WorkerContext
    ) -> StaticString {
        if megabytes < 8 { return TextReply.memlimitTooSmall }
        if megabytes > 1_000_000_000 { return TextReply.memlimitNotMegabytes }
        guard context.engine.setMemoryLimit(bytes: Int(megabytes) << 20) else {
            return TextReply.memlimitFailed
        }
        Log.info("the memory limit is \(megabytes) MiB now")
        return TextReply.ok
    }

    private mutating func shutdown(
        _ mode: ShutdownMode, noReply: Bool, _ context: inout WorkerContext
    ) {
        guard context.server.settings.shutdownCommandEnabled else {
            context.reply(TextReply.shutdownNotEnabled, unless: noReply)
            return
        }
        guard mode != .unknown else {
            context.reply(TextReply.invalidShutdown, unless: noReply)
            return
        }
        isEnding = true
        closeReason = .shutdown
        context.server.requestStop(graceful: mode == .graceful)
    }
}

extension WorkerContext {
    /// When a delayed flush is due. Long delays are Unix times, as exptimes are.
    func flushMoment(_ delay: Int32) -> Instant {
        var seconds = Int64(delay)
        if delay > ExptimeReader.maximumRelative { seconds -= Clock.wallSeconds() }
        return Instant(milliseconds: now.milliseconds &+ UInt64(max(0, seconds)) &* 1000)
    }
}
