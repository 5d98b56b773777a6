import Glibc
import Synchronization
import SystemCalls

/// What became of a login.
enum LoginOutcome: Equatable, Sendable {
    case accepted
    case refused
    /// The connection has to wait; its worker is told by a ``LoginVerdict``.
    case pending
}

/// The answer to a login that was pending.
struct LoginVerdict: Sendable {
    /// The connection's, in its worker's table.
    let token: UInt64
    let isAccepted: Bool
}

/// Checks logins against the user file, for all protocols.
///
///     worker ── check ──► plain passwords: compared at once
///        ▲                hashed ones: queue ──► the authenticator's thread
///        └──────────── verdict, wake-up ◄────────────┘
///
/// Hashing takes milliseconds on purpose, so it never happens on a worker. One thread does it: a
/// flood of wrong logins costs one core at most, and other connections nothing. What was accepted
/// is not remembered, so there is no copy of a password to find.
final class Authenticator: Sendable {
    private struct Check: Sendable {
        let user: [UInt8]
        let password: [UInt8]
        let token: UInt64
        let worker: WorkerShared
    }

    let log = LoginLog()
    private let file: UserFile
    private let users: Locked<UserTable>
    private let queue = Locked<[Check]>([])
    private let wakeUp: WakeUp
    private let isStopping = Atomic<Bool>(false)

    /// Reads the users.
    /// - Throws: why they cannot be read.
    init(_ file: UserFile) throws(StartupError) {
        self.file = file
        do throws(UserFileError) {
            users = Locked(try file.load())
        } catch {
            throw StartupError(message: "no users: \(error.message)")
        }
        do throws(Errno) {
            wakeUp = try WakeUp()
        } catch {
            throw StartupError(message: "cannot start: \(error)")
        }
    }

    /// Whether `user` may log in with `password`.
    /// - Parameters:
    ///   - token: whom the verdict is for, if it is pending.
    ///   - worker: whom it is told.
    func check(
        _ user: Span<UInt8>, _ password: Span<UInt8>, for token: UInt64, of worker: WorkerShared
    ) -> LoginOutcome {
        let table = users.withLock { $0 }
        guard table.hasHashes else { return table.accepts(user, password) ? .accepted : .refused }
        let check = Check(
            user: (0..<user.count).map { user[$0] },
            password: (0..<password.count).map { password[$0] }, token: token, worker: worker)
        let isQueued = queue.withLock { queue in
            guard queue.count < ServerLimits.queuedLogins else { return false }
            queue.append(check)
            return true
        }
        guard isQueued else { return .refused }
        wakeUp.signal()
        return .pending
    }

    /// Reads the file again. If something is wrong with it, the users stay who they were. Who is
    /// logged in stays so in any case.
    func reload() {
        do throws(UserFileError) {
            let table = try file.load()
            users.withLock { $0 = table }
            Log.info("\(file.path): \(table.userCount) users")
        } catch {
            Log.error("the users stay as they were: \(error.message)")
        }
    }

    /// Computes hashes until it is told to stop: the body of the authenticator's thread.
    func run() {
        var poller: Poller
        do throws(Errno) {
            poller = try Poller()
            try poller.add(wakeUp.descriptor, Poller.readable, token: 0)
        } catch {
            Log.error("the authenticator cannot start: \(error)")
            exit(1)
        }
        while !isStopping.load(ordering: .relaxed) {
            _ = poller.wait(timeoutMs: -1)
            wakeUp.clear()
            while !isStopping.load(ordering: .relaxed), let check = next() { decide(check) }
        }
    }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
        wakeUp.signal()
    }

    private func next() -> Check? {
        queue.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    private func decide(_ check: Check) {
        let table = users.withLock { $0 }
        let isAccepted = table.accepts(check.user.span, check.password.span)
        check.worker.deliver(LoginVerdict(token: check.token, isAccepted: isAccepted))
    }
}
