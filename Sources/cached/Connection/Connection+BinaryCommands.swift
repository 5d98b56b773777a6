import CacheEngine
import Protocol

/// Binary delete, touch, incr, decr, and the commands without a key.
extension Connection {
    /// Everything but retrieving, storing and counting.
    mutating func performBinary(
        _ request: BinaryRequest, _ tag: BinaryTag, _ bytes: Span<UInt8>,
        _ context: inout WorkerContext
    ) {
        switch request {
        case .delete(let key, let cas): delete(bytes[key], cas, tag, &context)
        case .touch(let key, let exptime): touch(bytes[key], exptime, tag, &context)
        case .flush(let delay): flush(delay, tag, &context)
        case .stat(let name):
            stats(bytes[name], tag, &context)
            // Dear beside other requests: each is a turn of its own.
            hasYielded = true
        case .verbosity(let level):
            Log.verbosity.store(Int(min(level, 3)), ordering: .relaxed)
            context.tracesCommands = level >= 2
            context.succeed(tag)
        case .noop: context.succeed(tag)
        case .version:
            let version = memcachedCompatibleVersion
            context.output.bytes.appendBinaryHeader(tag, bodyLength: version.utf8.count)
            context.output.bytes.append(version)
        case .quit:
            context.succeed(tag)
            isEnding = true
            closeReason = .normal
        case .saslMechanisms: listMechanisms(tag, &context)
        case .retrieve, .store, .adjust, .login, .unknown:
            preconditionFailure("a request that is performed elsewhere")
        }
    }

    private func delete(
        _ key: Span<UInt8>, _ cas: UInt64, _ tag: BinaryTag, _ context: inout WorkerContext
    ) {
        let observed = context.isObserved ? observeDelete(key, context) : nil
        var options = MetaDeleteOptions()
        if cas != 0 { options.comparedCAS = context.comparable(cas) }
        let hash = context.engine.hash(key)
        switch context.engine.metaDelete(key, hash, options, at: context.now) {
        case .deleted:
            context.counters.deleteHits &+= 1
            if let observed { tellDeletion(of: observed, key, by: "delete", context) }
            context.succeed(tag)
        case .notFound:
            context.counters.deleteMisses &+= 1
            context.output.bytes.appendBinaryError(tag, .keyNotFound)
        case .exists: context.output.bytes.appendBinaryError(tag, .keyExists)
        case .outOfMemory: preconditionFailure("a plain deletion makes nothing")
        }
    }

    private func touch(
        _ key: Span<UInt8>, _ exptime: UInt32, _ tag: BinaryTag, _ context: inout WorkerContext
    ) {
        context.counters.touchCommands &+= 1
        let expiry = context.touchExpiry(unsigned: exptime)
        let (hidesCAS, nothing) = (context.hidesCAS, key.extracting(0..<0))
        let isThere = context.engine.touch(
            key, context.engine.hash(key), expiry, at: context.now
        ) { item in
            // The flags come back, although there is no value to use them for.
            context.output.bytes.appendBinaryValueStart(
                tag, key: nothing, flags: item.flags, length: 0, cas: hidesCAS ? 0 : item.cas)
        }
        if isThere {
            context.counters.touchHits &+= 1
        } else {
            context.counters.touchMisses &+= 1
            context.output.bytes.appendBinaryError(tag, .keyNotFound)
        }
        if context.isObserved { observeFetch(isThere ? .hit : .miss, key, context) }
    }

    /// incr and decr. It may have to wait for a cull: then it is not done.
    mutating func adjustBinary(
        _ request: BinaryAdjustment, _ tag: BinaryTag, _ key: Span<UInt8>,
        _ context: inout WorkerContext
    ) {
        var options = CounterOptions()
        if request.cas != 0 { options.comparedCAS = context.comparable(request.cas) }
        if let exptime = request.exptime {
            options.initial = (request.initial, context.storeExpiry(unsigned: exptime))
        }
        let direction: CounterDirection = request.isIncrement ? .increment : .decrement
        guard let result = adjustNow(options, key, direction, by: request.delta, &context) else {
            return
        }
        switch result {
        case .mustCull: preconditionFailure("a counter that must cull has no answer yet")
        case .value(let counter):
            if !counter.isNew { context.counters.countHit(direction) }
            guard !tag.isQuiet else { return }
            context.output.bytes.appendBinaryCounter(
                tag, counter.value, cas: context.hidesCAS ? 0 : counter.cas)
        case .notFound:
            context.counters.countMiss(direction)
            context.output.bytes.appendBinaryError(tag, .keyNotFound)
        case .exists: context.output.bytes.appendBinaryError(tag, .keyExists)
        case .notNumeric: context.output.bytes.appendBinaryError(tag, .notNumeric)
        case .outOfMemory:
            let isNew = options.initial != nil
            context.output.bytes.appendBinaryError(
                tag, .outOfMemory,
                isNew ? "Out of memory allocating new item" : "Out of memory incrementing value")
        }
    }

    private func flush(_ delay: UInt32, _ tag: BinaryTag, _ context: inout WorkerContext) {
        guard !context.server.settings.flushDisabled else {
            // Not counted, other than in text.
            context.output.bytes.appendBinaryError(tag, .authenticationFailed)
            return
        }
        context.counters.flushCommands &+= 1
        context.flush(after: Int64(delay))
        context.succeed(tag)
    }
}

extension WorkerContext {
    /// A reply without a body, unless none is wanted.
    mutating func succeed(_ tag: BinaryTag) {
        if !tag.isQuiet { output.bytes.appendBinaryHeader(tag) }
    }

    /// A reply with nothing but a text.
    mutating func succeed(_ tag: BinaryTag, text: StaticString) {
        output.bytes.appendBinaryHeader(tag, bodyLength: text.utf8CodeUnitCount)
        output.bytes.append(text)
    }

    /// A CAS value to compare with. Without CAS (-C) no value has one that a client could name.
    fileprivate func comparable(_ cas: UInt64) -> UInt64 { hidesCAS ? .max : cas }
}
