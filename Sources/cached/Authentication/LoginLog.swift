import CacheEngine

/// Lines about refused logins: a few in a while, so that a flood of them does not fill the log.
/// What was tried is never written, as it may be a password in the wrong place.
final class LoginLog: Sendable {
    private struct State {
        var windowEndMs: UInt64 = 0
        var written = 0
        /// Refused since the last line, without one of their own.
        var unwritten: UInt64 = 0
    }

    private static let windowMs: UInt64 = 10_000
    private static let linesPerWindow = 5

    private let state = Locked<State>(State())

    /// Notes that a login was refused.
    /// - Parameter descriptor: the connection's socket, for its peer's address.
    func noteRefusal(of descriptor: Int32, at now: Instant) {
        guard let unwritten = admit(at: now) else { return }
        let peer = SocketAddress.peer(of: descriptor).description
        // A unix peer has no name of its own.
        let shown = peer == "unix:" ? SocketAddress.local(of: descriptor).description : peer
        let others = unwritten == 0 ? "" : " (and \(unwritten) more before it)"
        Log.error("refused a login from \(shown)\(others)")
    }

    /// How many went unwritten before this one; nil if it does so too.
    func admit(at now: Instant) -> UInt64? {
        state.withLock { state in
            if now.milliseconds >= state.windowEndMs {
                state.windowEndMs = now.milliseconds &+ LoginLog.windowMs
                state.written = 0
            }
            guard state.written < LoginLog.linesPerWindow else {
                state.unwritten &+= 1
                return nil
            }
            state.written += 1
            defer { state.unwritten = 0 }
            return state.unwritten
        }
    }
}
