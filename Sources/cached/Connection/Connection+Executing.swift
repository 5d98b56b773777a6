import CacheEngine
import Protocol

/// Requests to the engine, and results to replies.
extension Connection {
    /// Executes the requests in `bytes`, until they end, one is incomplete, or the connection is
    /// blocked.
    /// - Returns: how many bytes are dealt with; the next request, if any, begins there.
    mutating func execute(_ bytes: Span<UInt8>, _ context: inout WorkerContext) -> Int {
        var position = 0
        var executed = 0
        context.mayExceed = mayExceed
        mayExceed = false
        while !isBlocked, !hasYielded {
            let before = position
            neededBytes = 1
            switch state {
            case .command: executeCommand(bytes, &position, &context)
            case .retrieving(let withCAS, let touch):
                continueRetrieving(bytes, &position, withCAS: withCAS, touch: touch, &context)
            case .skippingLine: skipLine(bytes, &position)
            case .receiving(let writer, let remaining, let answer):
                receive(bytes, &position, writer, remaining, answer, &context)
            case .swallowing(let remaining, let reply):
                swallow(bytes, &position, remaining, reply, &context)
            case .receivingBinary(let writer, let remaining, let tag):
                receiveBinary(bytes, &position, writer, remaining, tag, &context)
            case .skippingBody(let remaining, let refusal):
                skipBody(bytes, &position, remaining, refusal, &context)
            case .dumping(let dump):
                continueDump(dump, &context)
                continue
            case .watching(let watcher):
                watcher.drain(into: &context.output.bytes)
                return bytes.count
            }
            if position == before { break }
            executed += 1
            if flushIfLong(&context) { break }
            if executed % context.requestsPerLook == 0, position < bytes.count {
                context.counters.connectionYields &+= 1
                hasYielded = context.isTurnOver()
            }
        }
        if !context.batch.isEmpty {
            let end = position
            if language == .text {
                runBatch(bytes, &position, &context)
            } else {
                runBinaryBatch(bytes, &position, &context)
            }
            // What the request behind the batch lacks says nothing of those that were not answered.
            if position < end { neededBytes = 1 }
        }
        context.mayExceed = false
        return isEnding ? bytes.count : position
    }

    private mutating func executeCommand(
        _ bytes: Span<UInt8>, _ position: inout Int, _ context: inout WorkerContext
    ) {
        guard position < bytes.count else { return }
        if language != .text {
            if language == .unknown { chooseLanguage(firstByte: bytes[position], context) }
            if language == .binary {
                executeBinary(bytes, &position, &context)
                return
            }
            // The head of a TLS record, which no text command is like either.
            if bytes[position] == 0x16, position + 1 < bytes.count, bytes[position + 1] == 3 {
                Log.info("connection \(socket.number): TLS is spoken to a listener without it")
                context.reply(TextReply.error)
                isEnding = true
                return
            }
        }
        if !login.isOpen {
            executeTextLogin(bytes, &position, &context)
            return
        }
        switch TextParser.parse(bytes, from: position) {
        case .incomplete: neededBytes = bytes.count - position + 1
        case .lineTooLong:
            runBatch(bytes, &position, &context)
            guard !isBlocked else { return }
            isEnding = true
        case .endlessRetrieval(let keys, let withCAS):
            state = .retrieving(withCAS: withCAS, touch: nil)
            position = keys
        case .request(let request, let next):
            if context.tracesCommands { trace(bytes, position, next) }
            if case .get(let keys, let withCAS) = request {
                retrieve(
                    bytes, keys, requestStart: position, next: next, &position,
                    withCAS: withCAS, touch: nil, &context)
                return
            }
            if case .meta(.get, let rest) = request {
                metaRetrieve(
                    bytes, rest, requestStart: position, next: next, &position, &context)
                return
            }
            if !context.batch.isEmpty {
                if case .store(_, let key, _, _, _, _) = request {
                    context.batch.following = context.engine.hash(bytes[key])
                }
                runBatch(bytes, &position, &context)
                if isBlocked { return }
            }
            perform(request, bytes, &position, next: next, &context)
        }
    }

    private func trace(_ bytes: Span<UInt8>, _ start: Int, _ next: Int) {
        Log.trace("<\(socket.number) \(printable(bytes.extracting(start..<next)))")
    }

    /// The beginning of what a client sent, fit for a log.
    func printable(_ bytes: Span<UInt8>) -> String {
        let text = (0..<min(bytes.count, 512)).map { position -> Character in
            let byte = bytes[position]
            return byte >= 32 && byte < 127 ? Character(UnicodeScalar(byte)) : " "
        }
        return String(text)
    }

    /// Everything but get and gets.
    private mutating func perform(
        _ request: TextRequest, _ bytes: Span<UInt8>, _ position: inout Int, next: Int,
        _ context: inout WorkerContext
    ) {
        switch request {
        case .get: return
        case .getAndTouch(let keys, let exptime, let withCAS):
            retrieve(
                bytes, keys, requestStart: position, next: next, &position, withCAS: withCAS,
                touch: exptime, &context)
            return
        case .store(let command, let key, let flags, let exptime, let length, let noReply):
            let request = StoreRequest(
                command: command, key: key, flags: flags, exptime: exptime, length: length,
                noReply: noReply)
            store(request, bytes, &position, next: next, &context)
            return
        case .storeError(let reply, let length, let noReply):
            state = .swallowing(remaining: length + 2, reply: noReply ? nil : reply)
        case .meta(let command, let rest):
            meta(command, rest, bytes, &position, next: next, &context)
            return
        case .delete(let key, let noReply):
            delete(bytes[key], noReply: noReply, &context)
        case .touch(let key, let exptime, let noReply):
            touch(bytes[key], exptime, noReply: noReply, &context)
        case .increment(let key, let delta, let noReply):
            adjust(bytes[key], .increment, delta, noReply: noReply, &context)
        case .decrement(let key, let delta, let noReply):
            adjust(bytes[key], .decrement, delta, noReply: noReply, &context)
        case .error(let reply, let noReply): context.reply(reply, unless: noReply)
        case .setCluster(let length, let noReply):
            setCluster(
                length: length, noReply: noReply, bytes, &position, next: next, &context)
            return
        case .quit, .hangUp:
            if case .quit = request { closeReason = .normal }
            position = next
            isEnding = true
            return
        default: performRare(request, bytes, &context)
        }
        position = next
    }
}
