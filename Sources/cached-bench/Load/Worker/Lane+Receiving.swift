import SystemCalls

extension Lane {
    /// Does what an event asks for, and then sends what there is room for.
    @inline(__always)
    mutating func serve(_ connection: inout LoadConnection, _ events: UInt32) {
        guard connection.isOpen else { return }
        if connection.isBlocked, events & Poller.writable != 0 { sendUnsent(on: &connection) }
        // An error or the end of the stream shows when it is read.
        if events & ~Poller.writable != 0, connection.isOpen { receive(&connection) }
        topUp(&connection)
    }

    private mutating func receive(_ connection: inout LoadConnection) {
        let received = input.receive(from: connection.socket, behind: &connection.line)
        updateTime()
        switch received {
        case .bytes(let count):
            result.bytesReceived &+= count
            connection.lastHeard = now
            readReplies(&connection)
        case .wouldBlock:
            _ = input.keep(from: 0, in: &connection.line)
        case .endOfStream:
            lose(&connection, "the server closed the connection")
        case .failed(let error):
            lose(&connection, "receiving failed: \(error)")
        }
    }

    private mutating func readReplies(_ connection: inout LoadConnection) {
        var position = 0
        while true {
            let start = position
            let event = connection.parser.next(input.bytes, &position)
            if event == .incomplete { break }
            guard handle(event, &connection) else {
                let before = result.firstError.map { "; the first error before: \($0)" } ?? ""
                lose(
                    &connection,
                    "the server's answer is not one to what was asked: "
                        + OptionText.quoted(excerpt(start)) + before)
                return
            }
        }
        guard position < input.bytes.count else { return }
        if !input.keep(from: position, in: &connection.line) {
            lose(&connection, "the server's answer has a line without an end")
        }
    }

    /// - Returns: false if this is no answer to what was asked.
    @inline(__always)
    private mutating func handle(
        _ event: ReplyParser.Event, _ connection: inout LoadConnection
    ) -> Bool {
        guard let request = connection.underWay.first else { return false }
        if isBinary, event != .malformed, !isAnswered(request, &connection) { return false }
        switch event {
        case .value(let keyStart, let keyEnd, let flags, let bytes):
            guard !request.isSet, connection.valuesSeen < Int(request.keyCount) else {
                return false
            }
            connection.valuesSeen &+= 1
            if isBinary {
                return matchOpaque(keyStart..<keyEnd, flags: flags, bytes: bytes, &connection)
            }
            if verifies || (lookAside && keysPerGet > 1) {
                match(keyStart..<keyEnd, flags: flags, bytes: bytes, request, &connection)
            }
        case .end:
            guard !request.isSet, isText else { return false }
            finishGet(request, &connection)
        case .stored:
            guard request.isSet else { return false }
            finishSet(request, &connection)
        case .notStored:
            guard request.isSet else { return false }
            result.setsNotStored &+= 1
            finishSet(request, &connection)
        case .body(let start, let end, let offset):
            verify(start..<end, at: offset, &connection)
        case .bodyEnd:
            if verifies, connection.isBodyWrong { result.wrongValues &+= 1 }
            if !isText, keysPerGet == 1 { finishGet(request, &connection) }
        case .miss:
            // A quiet get says nothing when it misses.
            guard !request.isSet, !isText, keysPerGet == 1 else { return false }
            finishGet(request, &connection)
        case .noOperation:
            guard !request.isSet, !isText, keysPerGet > 1 else { return false }
            finishGet(request, &connection)
        case .error(let start, let end):
            fail(request, start..<end, &connection)
        case .incomplete, .malformed:
            return false
        }
        return true
    }

    @inline(__always)
    private mutating func finishGet(
        _ request: PendingRequest, _ connection: inout LoadConnection
    ) {
        let values = connection.valuesSeen
        // No more values than keys: `handle` sees to it.
        let missing = Int(request.keyCount) &- values
        result.requests &+= 1
        result.gets &+= 1
        result.hits &+= values
        result.misses &+= missing
        result.getLatency.record(now > request.startedAt ? now &- request.startedAt : 0)
        if lookAside, missing > 0 { follow(request, values, &connection) }
        connection.valuesSeen = 0
        connection.keyPlace = 0
        connection.underWay.removeFirst()
        underWay &-= 1
    }

    @inline(__always)
    private mutating func finishSet(
        _ request: PendingRequest, _ connection: inout LoadConnection
    ) {
        result.requests &+= 1
        result.sets &+= 1
        result.setLatency.record(now > request.startedAt ? now &- request.startedAt : 0)
        connection.underWay.removeFirst()
        underWay &-= 1
    }

    /// Sets the keys that were not there.
    private mutating func follow(
        _ request: PendingRequest, _ values: Int, _ connection: inout LoadConnection
    ) {
        for place in 0..<Int(request.keyCount)
        where values == 0 || !connection.underWay.isFound(place) {
            connection.followUps.append(connection.underWay.key(place))
            followUps += 1
        }
    }

    /// An error answers its request, but for that of a quiet get: after it comes the no-op's answer.
    private mutating func fail(
        _ request: PendingRequest, _ line: Range<Int>, _ connection: inout LoadConnection
    ) {
        result.errors += 1
        if result.firstError == nil {
            result.firstError = isBinary ? refusal(line, connection.parser.reply) : text(line)
        }
        if request.isSet {
            result.setsNotStored += 1
            finishSet(request, &connection)
            return
        }
        let isNoOperation =
            isBinary && connection.parser.reply.opcode == BinaryWire.Opcode.noOperation
        guard isText || keysPerGet == 1 || isNoOperation else { return }
        result.requests += 1
        result.gets += 1
        result.hits += connection.valuesSeen
        result.getLatency.record(now > request.startedAt ? now &- request.startedAt : 0)
        connection.valuesSeen = 0
        connection.keyPlace = 0
        connection.underWay.removeFirst()
        underWay -= 1
    }

    /// What a message shows of the input: the line or the header that begins at a position.
    private func excerpt(_ start: Int) -> String {
        if isBinary { return header(at: start) }
        let bytes = input.bytes
        var end = start
        while end < bytes.count, end - start < 60, bytes[end] != UInt8(ascii: "\r") { end += 1 }
        return text(start..<end)
    }

    /// Printable ASCII, at most 200 bytes of it.
    func text(_ range: Range<Int>) -> String {
        let bytes = input.bytes
        var text = ""
        for place in range.prefix(200) {
            let byte = bytes[place]
            text.unicodeScalars.append(byte >= 32 && byte < 127 ? Unicode.Scalar(byte) : ".")
        }
        return text
    }
}
