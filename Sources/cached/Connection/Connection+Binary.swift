import CacheEngine
import Protocol

/// What a binary request is refused with.
struct BinaryRefusal {
    let tag: BinaryTag
    let status: BinaryStatus
    /// Said instead of the status's own text.
    var text: StaticString?
}

/// The binary protocol: bytes to requests, and which of them is executed where.
extension Connection {
    /// Chosen once, by the first byte: no text command begins with the binary protocol's.
    mutating func chooseLanguage(firstByte: UInt8, _ context: borrowing WorkerContext) {
        switch context.server.settings.bindingProtocol {
        case .auto: language = firstByte == BinaryHeader.requestMagic ? .binary : .text
        case .ascii: language = .text
        case .binary: language = .binary
        }
        if context.tracesCommands, language == .binary {
            Log.trace("\(socket.number): Client using the binary protocol")
        }
    }

    /// Executes the request at `position`, if all of it that is needed is there.
    mutating func executeBinary(
        _ bytes: Span<UInt8>, _ position: inout Int, _ context: inout WorkerContext
    ) {
        switch BinaryHeader.parse(bytes, from: position) {
        case .incomplete: neededBytes = BinaryHeader.byteCount
        case .foreign:
            runBinaryBatch(bytes, &position, &context)
            guard !isBlocked else { return }
            Log.info("connection \(socket.number): bytes that are no binary request")
            isEnding = true
        case .header(let header):
            if let status = header.refusal {
                hangUp(header.tag, status, bytes, &position, &context)
                return
            }
            guard isOpen(to: header.tag) else {
                hangUp(header.tag, .authenticationFailed, bytes, &position, &context)
                return
            }
            switch BinaryParser.parse(header, bytes, from: position) {
            case .incomplete(let needed): neededBytes = needed
            case .malformed: hangUp(header.tag, .invalidArguments, bytes, &position, &context)
            case .request(let request, let next):
                if context.tracesCommands { trace(request, header.tag, bytes) }
                execute(request, header.tag, bytes, &position, next: next, &context)
            }
        }
    }

    /// Answers what cannot be followed by another request, and closes.
    private mutating func hangUp(
        _ tag: BinaryTag, _ status: BinaryStatus, _ bytes: Span<UInt8>,
        _ position: inout Int, _ context: inout WorkerContext
    ) {
        runBinaryBatch(bytes, &position, &context)
        guard !isBlocked else { return }
        Log.info("connection \(socket.number): a binary request with \(status)")
        context.output.bytes.appendBinaryError(tag, status)
        isEnding = true
    }

    private mutating func execute(
        _ request: BinaryRequest, _ tag: BinaryTag, _ bytes: Span<UInt8>,
        _ position: inout Int, next: Int, _ context: inout WorkerContext
    ) {
        if case .retrieve(let key, let exptime) = request {
            retrieveBinary(bytes, key, exptime, &position, next: next, &context)
            return
        }
        if !context.batch.isEmpty {
            if case .store(let store) = request {
                context.batch.following = context.engine.hash(bytes[store.key])
            }
            runBinaryBatch(bytes, &position, &context)
            if isBlocked { return }
        }
        switch request {
        case .retrieve: return
        case .store(let store):
            storeBinary(store, tag, bytes, &position, next: next, &context)
            return
        case .login(let mechanism, let length, let isStep):
            logInBinary(
                bytes[mechanism], length: length, isStep: isStep, tag, bytes, &position,
                next: next, &context)
            return
        case .adjust(let adjustment):
            adjustBinary(adjustment, tag, bytes[adjustment.key], &context)
            if awaitsCull { return }
        case .unknown(let length):
            skipBody(length, then: BinaryRefusal(tag: tag, status: .unknownCommand), &context)
        default: performBinary(request, tag, bytes, &context)
        }
        position = next
    }

    private func trace(_ request: BinaryRequest, _ tag: BinaryTag, _ bytes: Span<UInt8>) {
        let name = tag.opcode.map { "\($0)" } ?? "unknown command"
        var text = "<\(socket.number) \(name)"
        switch request {
        case .retrieve(let key, _), .touch(let key, _), .delete(let key, _), .stat(let key):
            text += " " + printable(bytes[key])
        case .store(let store):
            text += " \(printable(bytes[store.key])) Value len is \(store.length)"
        case .adjust(let adjustment):
            text += " \(printable(bytes[adjustment.key])) \(adjustment.delta)"
        default: break
        }
        Log.trace(text)
    }

    // -- bodies that are not wanted --

    /// Drops the next `length` bytes, then answers.
    mutating func skipBody(
        _ length: Int, then refusal: BinaryRefusal, _ context: inout WorkerContext
    ) {
        if length > 0 {
            state = .skippingBody(remaining: length, refusal)
        } else {
            state = .command
            context.refuse(refusal)
        }
    }

    mutating func skipBody(
        _ bytes: Span<UInt8>, _ position: inout Int, _ remaining: Int, _ refusal: BinaryRefusal,
        _ context: inout WorkerContext
    ) {
        let count = min(remaining, bytes.count - position)
        position += count
        skipBody(remaining - count, then: refusal, &context)
    }
}

extension WorkerContext {
    mutating func refuse(_ refusal: BinaryRefusal) {
        output.bytes.appendBinaryError(refusal.tag, refusal.status, refusal.text)
    }
}
