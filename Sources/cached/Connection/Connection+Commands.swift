import CacheEngine
import Protocol

/// delete, touch, incr, decr, and the commands of operators.
extension Connection {
    func delete(_ key: Span<UInt8>, noReply: Bool, _ context: inout WorkerContext) {
        let observed = context.isObserved ? observeDelete(key, context) : nil
        if context.engine.delete(key, context.engine.hash(key), at: context.now) {
            context.counters.deleteHits &+= 1
            if let observed { tellDeletion(of: observed, key, by: "delete", context) }
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
        case .value(let counter):
            context.counters.countHit(direction)
            guard !noReply else { return }
            context.output.bytes.appendDecimal(counter.value)
            context.reply(TextReply.lineEnd)
        case .notFound:
            context.counters.countMiss(direction)
            context.reply(TextReply.notFound, unless: noReply)
        case .notNumeric: context.reply(TextReply.notNumeric, unless: noReply)
        case .exists, .mustCull: preconditionFailure("neither compared nor made")
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
        case .stats(let arguments):
            stats(bytes[arguments], &context)
            // Dear beside other requests: each is a turn of its own.
            hasYielded = true
        case .cacheMemlimit(let megabytes, let noReply):
            context.reply(setMemoryLimit(megabytes, context), unless: noReply)
        case .refreshCertificates(let noReply): refreshCertificates(noReply: noReply, &context)
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
        context.flush(after: Int64(delay))
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

    /// As memcached's: a command that there is only in builds with TLS, and that tells a failure.
    private func refreshCertificates(noReply: Bool, _ context: inout WorkerContext) {
        guard TLSSettings.isAvailable else {
            context.reply(TextReply.error, unless: noReply)
            return
        }
        guard let tls = context.server.tls else {
            context.reply(TextReply.tlsNotEnabled)
            return
        }
        do throws(TLSFailure) {
            try tls.reload()
            context.reply(TextReply.ok, unless: noReply)
        } catch {
            Log.error("the certificates stay as they were: \(error.message)")
            context.output.bytes.append(error.reply)
            context.reply(TextReply.lineEnd)
        }
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
    /// Flushes at once, or plans to.
    func flush(after delay: Int64) {
        let moment = flushMoment(delay)
        if moment <= now {
            engine.flush()
        } else {
            engine.flush(at: moment)
        }
    }

    /// When a delayed flush is due. Long delays are Unix times, as exptimes are.
    func flushMoment(_ delay: Int64) -> Instant {
        var seconds = delay
        if delay > ExptimeReader.maximumRelative { seconds -= Clock.wallSeconds() }
        return Instant(milliseconds: now.milliseconds &+ UInt64(max(0, seconds)) &* 1000)
    }
}
