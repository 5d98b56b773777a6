import CacheEngine
import Protocol

/// Whether a connection may do anything but log in.
struct ConnectionLogin {
    enum Stage: UInt8 {
        /// Nobody has to log in to this server.
        case notRequired
        case loggedIn
        /// A guest: it may log in, and nothing else.
        case required
        /// The authenticator has not decided yet; nothing is executed meanwhile.
        case waiting
        /// It has decided, and the request that asked is executed once more.
        case accepted, refused
    }

    private(set) var stage = Stage.notRequired
    /// When a guest is shown the door.
    private(set) var deadlineMs = UInt64.max
    /// SASL's first message had no credentials: they may come in another.
    var expectsStep = false

    /// Whether requests may be executed.
    var isOpen: Bool {
        @inline(__always)
        get { stage.rawValue <= Stage.loggedIn.rawValue }
    }

    mutating func require(until deadlineMs: UInt64) {
        stage = .required
        self.deadlineMs = deadlineMs
    }

    mutating func wait() { stage = .waiting }

    mutating func decide(_ verdict: LoginVerdict) {
        if stage == .waiting { stage = verdict.isAccepted ? .accepted : .refused }
    }

    mutating func conclude(isAccepted: Bool) { stage = isAccepted ? .loggedIn : .required }

    func isOverdue(at now: Instant) -> Bool {
        stage == .required && now.milliseconds >= deadlineMs
    }
}

/// Logging in, in any protocol.
extension Connection {
    /// Decides about a login, counts it and logs a refusal; `login` tells what may be done next. A
    /// refusal takes away the access that an earlier login gave.
    /// - Returns: `.pending` if the request must stay in the input, unconsumed: the connection is
    ///   blocked, and executes it again when the verdict is there.
    mutating func logIn(
        _ user: Span<UInt8>, _ password: Span<UInt8>, _ context: inout WorkerContext
    ) -> LoginOutcome {
        guard let authenticator = context.server.authenticator else { return .refused }
        let outcome: LoginOutcome =
            switch login.stage {
            case .accepted: .accepted
            case .refused: .refused
            case .notRequired, .loggedIn, .required, .waiting:
                authenticator.check(user, password, for: token, of: context.shared)
            }
        revokeLogin(&context)
        switch outcome {
        case .pending: login.wait()
        case .accepted: concludeLogin(isAccepted: true, &context)
        case .refused: concludeLogin(isAccepted: false, &context)
        }
        return outcome
    }

    /// The same with SASL's PLAIN. What is no such message, or asks for another mechanism, is
    /// refused like a wrong password.
    mutating func logIn(
        mechanism: Span<UInt8>, message: Span<UInt8>, _ context: inout WorkerContext
    ) -> LoginOutcome {
        guard SASLPlain.isNamed(mechanism), let credentials = SASLPlain.parse(message) else {
            refuseLogin(&context)
            return .refused
        }
        return logIn(message[credentials.user], message[credentials.password], &context)
    }

    /// Takes away the access that an earlier login gave.
    mutating func revokeLogin(_ context: inout WorkerContext) {
        if login.stage == .loggedIn { login.require(until: context.loginDeadlineMs()) }
    }

    /// Refuses what cannot be a login.
    mutating func refuseLogin(_ context: inout WorkerContext) {
        revokeLogin(&context)
        concludeLogin(isAccepted: false, &context)
    }

    private mutating func concludeLogin(isAccepted: Bool, _ context: inout WorkerContext) {
        login.conclude(isAccepted: isAccepted)
        context.counters.authCommands &+= 1
        guard !isAccepted else { return }
        context.counters.authErrors &+= 1
        context.server.authenticator?.log.noteRefusal(of: socket.number, at: context.now)
        // Who tries one password after the other is hardly ever seen by who looks at the deadlines.
        if login.isOverdue(at: context.now) {
            context.counters.authTimeouts &+= 1
            isEnding = true
        }
    }

    /// What a guest says in the text protocol. It is not traced, as it may hold a password.
    mutating func executeTextLogin(
        _ bytes: Span<UInt8>, _ position: inout Int, _ context: inout WorkerContext
    ) {
        let start = position
        switch TextLogin.parse(bytes, from: start) {
        case .incomplete(let needed): neededBytes = needed
        case .hangUp: isEnding = true
        case .refused(let reply, let next):
            position = next
            answerGuest(reply, &context)
        case .tooLong(let length, let next):
            position = next
            concludeLogin(isAccepted: false, &context)
            state = .swallowing(
                remaining: length + 2, reply: TextReply.authenticationFailure)
        case .credentials(let user, let password, let next):
            let outcome = logIn(bytes[user], bytes[password], &context)
            if outcome == .pending { return }
            position = next
            let reply =
                outcome == .accepted ? TextReply.stored : TextReply.authenticationFailure
            answerGuest(reply, &context)
        }
    }

    /// As memcached does, only the last of the requests that came together is answered: a guest
    /// who sends a command with a value gets one error, and its replies cannot pile up.
    private func answerGuest(_ reply: StaticString, _ context: inout WorkerContext) {
        // Nothing else is in it: it is sent, or kept apart, when a connection was served.
        context.output.bytes.removeAll()
        context.reply(reply)
    }

    /// Bytes to receive at once: few from a guest, since what is not executed is kept.
    @inline(__always)
    func receiveLimit(_ context: borrowing WorkerContext) -> Int {
        login.isOpen ? context.readBytes : ServerLimits.guestBytes
    }
}

extension WorkerContext {
    /// Until when a guest of this moment has to log in.
    mutating func loginDeadlineMs() -> UInt64 {
        let seconds = server.settings.authTimeoutSeconds
        guard seconds > 0 else { return .max }
        hasGuests = true
        return now.milliseconds &+ UInt64(seconds) &* 1000
    }
}
