import SystemCalls

/// The open loop: requests go out when they are due, whatever became of those before.
extension Lane {
    /// How long after its deadline a run still sends what was due before: so that a stall at the
    /// very end is measured too.
    private static let graceNanoseconds: UInt64 = 1_000_000_000

    /// A generator that lags behind still reads answers between so many sends.
    private static let sendsMax = 16

    /// Nothing is due any more.
    var isScheduleOver: Bool {
        guard let schedule, let deadline = times.deadline else { return false }
        return schedule.nextDue >= deadline || now >= deadline &+ Self.graceNanoseconds
    }

    /// Sends what is due, in turn over the connections that have room. If none has, the requests
    /// wait; their latency counts from when they were due all the same.
    mutating func sendDue(_ connections: inout LoadConnections) {
        updateTime()
        var sends = 0
        while sends < Self.sendsMax, let schedule, schedule.nextDue <= now, !isExhausted,
            !isScheduleOver
        {
            sends += 1
            guard let place = nextWithRoom(connections) else {
                isHeldUp = true
                return
            }
            if isHeldUp {
                isHeldUp = false
                roomSince = now
            }
            // More requests than connections: each gets its part in one piece.
            let part = max(1, schedule.due(upTo: now) / max(1, openConnections))
            sendPart(part, on: &connections[place])
            updateTime()
        }
    }

    private mutating func sendPart(_ part: Int, on connection: inout LoadConnection) {
        var added = 0
        while added < part, connection.underWay.count < depth,
            output.count < LoadLimits.sendBytes, let due = schedule?.nextDue, due <= now,
            !isScheduleOver, writeNext(on: &connection, startedAt: due)
        {
            if due < roomSince {
                result.requestsHeldUp &+= 1
            } else {
                result.sendDelay.record(now &- due)
            }
            schedule?.advance()
            added &+= 1
        }
        if added > 0 { send(on: &connection, added: added) }
    }

    private mutating func nextWithRoom(_ connections: borrowing LoadConnections) -> Int? {
        guard underWay < openConnections * depth else { return nil }
        for _ in 0..<connections.count {
            let place = turn
            turn = turn + 1 == connections.count ? 0 : turn + 1
            if connections[place].isOpen, !connections[place].isBlocked,
                connections[place].underWay.count < depth
            {
                return place
            }
        }
        return nil
    }

    /// At the end: what was due and never went out.
    mutating func countUnsent() {
        guard let schedule, let deadline = times.deadline, deadline > 0, !isExhausted else {
            return
        }
        result.requestsUnsent += schedule.due(upTo: deadline - 1)
    }
}
