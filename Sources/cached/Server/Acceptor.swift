import CSystem
import Glibc
import Protocol
import Synchronization
import SystemCalls

/// The thread that accepts connections and hands each to the worker with the fewest.
struct Acceptor: ~Copyable {
    private var poller: Poller
    private let sockets: [Listener]
    private let server: ServerState
    private var isListening = true
    /// It could not accept since the last connection that it did accept.
    private var hasRested = false

    private static let wakeUpToken = UInt64.max

    /// - Parameter sockets: they outlive the acceptor.
    /// - Throws: what epoll failed with.
    static func make(
        _ server: ServerState, sockets: [Listener], wakeUp: Int32
    ) throws(Errno) -> Acceptor {
        let poller = try Poller()
        for (position, socket) in sockets.enumerated() {
            try poller.add(socket.descriptor, Poller.readable, token: UInt64(position))
        }
        try poller.add(wakeUp, Poller.readable, token: wakeUpToken)
        return Acceptor(server, sockets, poller)
    }

    private init(_ server: ServerState, _ sockets: [Listener], _ poller: consuming Poller) {
        self.poller = poller
        self.server = server
        self.sockets = sockets
    }

    mutating func run() {
        while !server.isStopping.load(ordering: .relaxed) {
            let count = poller.wait(timeoutMs: isListening ? -1 : ServerLimits.descriptorRestMs)
            if !isListening { resumeIfPossible() }
            for position in 0..<count {
                let event = poller.event(at: position)
                if event.token < sockets.count { accept(from: sockets[Int(event.token)]) }
            }
        }
    }

    private mutating func accept(from listener: Listener) {
        for _ in 0..<ServerLimits.acceptsInARow {
            if !server.settings.maxConnectionsFast, server.isFull {
                rest(because: nil)
                return
            }
            let descriptor = cs_accept(listener.descriptor)
            if descriptor >= 0 {
                hasRested = false
                admit(FileDescriptor(owning: descriptor), listener.security)
                continue
            }
            let error = Errno.last
            switch error.code {
            case EAGAIN: return
            // The peer was gone before it was accepted, or a signal came.
            case ECONNABORTED, EINTR, EPROTO, ENETDOWN, EPERM: continue
            default:
                rest(because: error)
                return
            }
        }
    }

    private func admit(_ socket: consuming FileDescriptor, _ security: ListenerSecurity) {
        guard !server.isFull else {
            server.rejectedConnections.add(1, ordering: .relaxed)
            // Before a handshake there is nothing that a client of TLS would understand.
            guard security == .plain else { return }
            let reply = TextReply.tooManyConnections
            // A new socket's buffer has room for a line; if not, the close says enough.
            _ = unsafe cs_send(socket.number, reply.utf8Start, reply.utf8CodeUnitCount)
            return
        }
        server.currentConnections.add(1, ordering: .relaxed)
        server.totalConnections.add(1, ordering: .relaxed)
        guard let worker = server.leastLoadedWorker else { return }
        worker.take(AcceptedSocket(descriptor: socket.release(), security: security))
    }

    /// Accepts nothing for a while: there is no descriptor or no place for another connection,
    /// and asking again at once would only burn the processor.
    private mutating func rest(because error: Errno?) {
        // Told and counted once, however long it lasts.
        if !hasRested {
            server.listenDisabledCount.add(1, ordering: .relaxed)
            if let error {
                Log.error(
                    "cannot accept connections: \(error); "
                        + "raise the limit of open files, or lower --max-connections")
            }
        }
        hasRested = true
        isListening = false
        server.isAccepting.store(false, ordering: .relaxed)
        for socket in sockets { poller.remove(socket.descriptor) }
    }

    private mutating func resumeIfPossible() {
        server.listenDisabledUs.add(
            UInt64(ServerLimits.descriptorRestMs) * 1000, ordering: .relaxed)
        if !server.settings.maxConnectionsFast, server.isFull { return }
        isListening = true
        server.isAccepting.store(true, ordering: .relaxed)
        for (position, socket) in sockets.enumerated() {
            do throws(Errno) {
                try poller.add(socket.descriptor, Poller.readable, token: UInt64(position))
            } catch {
                Log.error("cannot listen again: \(error)")
            }
        }
    }
}

extension ServerState {
    var isFull: Bool {
        currentConnections.load(ordering: .relaxed) >= settings.maxConnections
    }

    var leastLoadedWorker: WorkerShared? {
        workers.min {
            $0.connections.load(ordering: .relaxed) < $1.connections.load(ordering: .relaxed)
        }
    }

    func connectionEnded() { currentConnections.subtract(1, ordering: .relaxed) }
}
