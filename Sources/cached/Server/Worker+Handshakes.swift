import SystemCalls

/// What becomes of a connection before anything can be received from it.
extension Worker {
    /// Nil if there is no memory for TLS.
    mutating func transport(on accepted: AcceptedSocket) -> Transport? {
        let socket = FileDescriptor(owning: accepted.descriptor)
        guard accepted.security != .plain, let tls else { return Transport(socket) }
        guard let session = tls.begin(on: accepted.descriptor, accepted.security) else {
            return nil
        }
        awaitsHandshakes = true
        return Transport(socket, session)
    }

    /// Ends connections that do not get on with their TLS handshake, so that silence holds no slot.
    mutating func closeLateHandshakes() {
        let nowMs = context.now.milliseconds
        guard awaitsHandshakes, nowMs >= nextHandshakeCheckMs else { return }
        nextHandshakeCheckMs = nowMs + 1000
        awaitsHandshakes = false
        for slot in 0..<table.used where table.isUsed(slot) {
            let isLate = table.with(slot) { connection -> Bool? in
                guard connection.socket.isHandshaking else { return nil }
                // Until a request comes, that is when it was accepted.
                let sinceMs = connection.record.lastCommandMs
                return nowMs.subtractingOrZero(sinceMs) >= ServerLimits.handshakeMs
            }
            guard let isLate else { continue }
            if isLate {
                endHandshake(slot)
            } else {
                awaitsHandshakes = true
            }
        }
    }

    private mutating func endHandshake(_ slot: Int) {
        table.with(slot) { connection in
            connection.socket.noteHandshakeTimeout()
            Log.info("connection \(connection.socket.number): TLS handshake: takes too long")
        }
        close(slot)
    }
}
