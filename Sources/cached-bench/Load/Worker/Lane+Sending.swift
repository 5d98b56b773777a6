import SystemCalls

extension Lane {
    /// Sends what a connection has room for: sets that follow misses, and in a closed loop as many
    /// new requests as were answered; all with one system call.
    @inline(__always)
    mutating func topUp(_ connection: inout LoadConnection) {
        while connection.isOpen, !connection.isBlocked {
            var added = 0
            while connection.underWay.count < depth, output.count < LoadLimits.sendBytes {
                if !connection.followUps.isEmpty {
                    guard !isPastDeadline else { break }
                    let key = connection.followUps.removeFirst()
                    followUps &-= 1
                    write(set: key, on: &connection, startedAt: now)
                } else if isOpenLoop || isPastDeadline
                    || !writeNext(on: &connection, startedAt: now)
                {
                    break
                }
                added &+= 1
            }
            guard added > 0 else { return }
            if !isOpenLoop {
                updateTime()
                connection.underWay.stamp(last: added, now)
            }
            send(on: &connection, added: added)
        }
    }

    /// Writes the next request of the source.
    ///
    /// - Returns: false if there is none any more.
    @inline(__always)
    mutating func writeNext(on connection: inout LoadConnection, startedAt: UInt64) -> Bool {
        guard budget > 0, let key = keys.next() else {
            isExhausted = true
            return false
        }
        if isMeasuring, budget < .max {
            budget &-= 1
            if budget == 0 { isExhausted = true }
        }
        if isFill || (setThreshold > 0 && random.next() >> 11 < setThreshold) {
            write(set: key, on: &connection, startedAt: startedAt)
        } else if keysPerGet == 1 {
            writer.appendGet(
                key, opaque: connection.underWay.nextKeyNumber, keys, to: &output)
            connection.underWay.append(
                PendingRequest(startedAt: startedAt, keyCount: 1, isSet: false))
            connection.underWay.append(key: key)
        } else {
            writeMultiGet(key, on: &connection, startedAt: startedAt)
        }
        return true
    }

    @inline(__always)
    private mutating func write(
        set key: UInt64, on connection: inout LoadConnection, startedAt: UInt64
    ) {
        writer.appendSet(
            key, opaque: connection.underWay.nextKeyNumber, keys, pattern, to: &output)
        connection.underWay.append(PendingRequest(startedAt: startedAt, keyCount: 1, isSet: true))
        connection.underWay.append(key: key)
    }

    private mutating func writeMultiGet(
        _ first: UInt64, on connection: inout LoadConnection, startedAt: UInt64
    ) {
        writer.appendGetPart(
            first, isFirst: true, opaque: connection.underWay.nextKeyNumber, keys, to: &output)
        connection.underWay.append(key: first)
        var count = 1
        // At the end of a trace the last get is shorter.
        while count < keysPerGet, let key = keys.next() {
            writer.appendGetPart(
                key, isFirst: false, opaque: connection.underWay.nextKeyNumber, keys, to: &output)
            connection.underWay.append(key: key)
            count &+= 1
        }
        // The no-op has the number of the last key, and is told from it by its opcode.
        writer.appendGetEnd(opaque: connection.underWay.nextKeyNumber &- 1, to: &output)
        connection.underWay.append(
            PendingRequest(
                startedAt: startedAt, keyCount: UInt32(truncatingIfNeeded: count), isSet: false))
    }

    /// Sends the output, in which the connection's last `added` requests are.
    @inline(__always)
    mutating func send(on connection: inout LoadConnection, added: Int) {
        underWay &+= added
        // Its silence counts from now on, and not from when it had nothing to answer.
        if connection.underWay.count == added { connection.lastHeard = now }
        switch connection.socket.send(output.bytes) {
        case .bytes(let count):
            result.bytesSent &+= count
            if count < output.count { keepUnsent(on: &connection, from: count) }
        case .wouldBlock:
            keepUnsent(on: &connection, from: 0)
        case .failed(let error):
            lose(&connection, "sending failed: \(error)")
        }
        output.removeAll()
    }

    private mutating func keepUnsent(on connection: inout LoadConnection, from start: Int) {
        let rest = output.bytes.extracting(start..<output.count)
        unsafe rest.withUnsafeBytes { unsafe connection.unsent.append(contentsOf: $0) }
        watch(connection, Poller.readable | Poller.writable)
    }

    private func watch(_ connection: borrowing LoadConnection, _ interest: UInt32) {
        poller.modify(
            connection.socket.number, interest, token: UInt64(connection.number))
    }

    /// Goes on with what the socket did not take before.
    mutating func sendUnsent(on connection: inout LoadConnection) {
        let end = connection.unsent.count
        let sent = connection.socket.send(
            connection.unsent.span.extracting(connection.unsentStart..<end))
        switch sent {
        case .bytes(let count):
            result.bytesSent &+= count
            connection.unsentStart += count
            guard connection.unsentStart == connection.unsent.count else { return }
            connection.unsent.removeAll()
            connection.unsentStart = 0
            watch(connection, Poller.readable)
        case .wouldBlock:
            return
        case .failed(let error):
            lose(&connection, "sending failed: \(error)")
        }
    }
}
