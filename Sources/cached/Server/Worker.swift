import CacheEngine
import Glibc
import Protocol
import SystemCalls

/// One event loop with its connections, which stay with it for life.
///
/// It drains what epoll reports: a few sockets at a time it reads each of them once, then executes
/// every whole request that came, and sends once to each. Readiness is reported by edges: epoll
/// looks at a socket once for each change, and a connection remembers what it has left to do.
struct Worker: ~Copyable {
    private var poller: Poller
    var table = ConnectionTable()
    var context: WorkerContext
    private var readBuffer = InputBuffer()
    /// Connections that are received from before the first of them is served, so that what their
    /// keys lead to is on its way from memory meanwhile. They are few, as the first one waits.
    private var aheadBuffers = Ahead<InputBuffer> { _ in InputBuffer() }
    private typealias Ahead<Element: ~Copyable> = InlineArray<4, Element>
    let shared: WorkerShared
    let server: ServerState
    let tls: TLSWorker?
    /// Connections with whole requests left that gave way to others.
    var yielded: [UInt64] = []
    /// Connections whose request waits for a cull.
    var culling: [UInt64] = []
    /// Connections that watch.
    var watching: [UInt64] = []
    var nextIdleCheckMs: UInt64 = 0
    var nextGuestCheckMs: UInt64 = 0
    /// Some connection may be in the middle of a TLS handshake, which must not last for ever.
    var awaitsHandshakes = false
    var nextHandshakeCheckMs: UInt64 = 0
    var drainUntilMs: UInt64 = 0

    /// All of a worker's buffers for receiving.
    static let readBufferBytes =
        ServerLimits.readBufferBytes + Ahead<Int>.count * ServerLimits.aheadBufferBytes

    /// Token of the wake-up; there are never so many slots that one has it.
    private static let wakeUpToken = UInt64.max

    /// - Throws: what epoll failed with.
    static func make(
        _ server: ServerState, _ shared: WorkerShared
    ) throws(Errno) -> Worker {
        let poller = try Poller()
        try poller.add(shared.wakeUp.descriptor, Poller.readable, token: wakeUpToken)
        return Worker(server, shared, poller)
    }

    private init(
        _ server: ServerState, _ shared: WorkerShared, _ poller: consuming Poller
    ) {
        self.poller = poller
        self.server = server
        self.shared = shared
        tls = TLSWorker(server.tls)
        context = WorkerContext(engine: server.engine, server: server, shared: shared)
        readBuffer.reserve(ServerLimits.readBufferBytes)
        for number in aheadBuffers.indices {
            aheadBuffers[number].reserve(ServerLimits.aheadBufferBytes)
        }
    }

    mutating func run() {
        while true {
            let count = poller.wait(timeoutMs: timeoutMs)
            context.updateTime()
            var position = 0
            while position < count {
                let end = min(position + aheadBuffers.count, count)
                handle(events: position..<end)
                position = end
            }
            takeAccepted()
            takeVerdicts()
            workOnCull()
            resumeYielded()
            closeIdle()
            closeOverdueGuests()
            closeLateHandshakes()
            serveWatchers()
            if server.isStopping.load(ordering: .relaxed), drain() { return }
        }
    }

    private var timeoutMs: Int32 {
        if !yielded.isEmpty || !culling.isEmpty { return 0 }
        if drainUntilMs != 0 { return 20 }
        let looksAround =
            server.settings.idleTimeoutSeconds > 0 || context.hasGuests || awaitsHandshakes
        return looksAround ? 1000 : -1
    }

    // -- connections --

    private mutating func takeAccepted() {
        let accepted = shared.inbox.withLock { inbox -> [AcceptedSocket] in
            guard !inbox.isEmpty else { return [] }
            // Handed over whole: outside of the lock nothing of it is shared.
            defer { inbox = [] }
            return inbox
        }
        guard !accepted.isEmpty else { return }
        // Somebody may have begun to watch for them since the loop's turn began.
        context.updateObservation()
        for socket in accepted {
            if let transport = transport(on: socket) {
                add(transport)
            } else {
                Log.error("cannot begin TLS with a connection: there is no memory")
                forgetConnection()
            }
        }
    }

    private mutating func add(_ socket: consuming Transport) {
        let number = socket.number
        let isWatched = context.watched.contains(.connectionEvents)
        let record = ConnectionRecord(
            descriptor: number, peer: isWatched ? .peer(of: number) : nil, at: context.now)
        var owned: Transport? = socket
        var login = ConnectionLogin()
        if server.authenticator != nil { login.require(until: context.loginDeadlineMs()) }
        let token = table.insert { token in
            guard let socket = owned.take() else { preconditionFailure("a socket used twice") }
            return Connection(socket: socket, record: record, token: token, login: login)
        }
        server.registry.add(record)
        do throws(Errno) {
            try poller.add(number, Poller.edges, token: token)
            // Of TLS it holds something before a byte has come.
            if let slot = table.slot(of: token) { table.with(slot) { $0.settleCharge(context) } }
            if isWatched { server.watchers.tellOpened(record) }
            if context.tracesCommands {
                Log.trace("<\(number) new auto-negotiating client connection")
            }
        } catch {
            Log.error("cannot watch a connection: \(error)")
            if let slot = table.slot(of: token) { close(slot) }
        }
    }

    /// Receives from each of a few ready connections, then serves each.
    private mutating func handle(events: Range<Int>) {
        var slots = Ahead<Int>(repeating: -1)
        var received = Ahead<FileDescriptor.Received?>(repeating: nil)
        var hashes = Ahead<KeyHash?>(repeating: nil)
        for (number, position) in events.enumerated() {
            let event = poller.event(at: position)
            if event.token == Worker.wakeUpToken {
                shared.wakeUp.clear()
            } else if let slot = table.slot(of: event.token) {
                slots[number] = slot
                received[number] = receiveAhead(slot, event.events, number)
                if events.count > 1, received[number] != nil {
                    hashes[number] = prefetchFirst(number)
                }
            }
        }
        for number in 0..<events.count {
            if let hash = hashes[number] { context.engine.prefetchItem(hash) }
        }
        for number in 0..<events.count where slots[number] >= 0 {
            // The next one's item has arrived by now.
            if number + 1 < events.count, let hash = hashes[number + 1] {
                context.engine.prefetchNeighbours(hash)
            }
            serve(slots[number], aheadBuffer: number, received: received[number])
        }
    }

    /// Notes what epoll reported, and receives if that is all there is to do.
    private mutating func receiveAhead(
        _ slot: Int, _ events: UInt32, _ number: Int
    ) -> FileDescriptor.Received? {
        table.with(slot) { connection in
            // An error or a hang-up shows when it is read from, after the data that came before.
            if events & ~Poller.writable != 0 || connection.socket.wantsToWrite {
                connection.mayReceive = true
            }
            if events & Poller.more != 0 { connection.receivesToEnd = true }
            guard connection.isFresh else { return nil }
            return connection.receiveAhead(into: &aheadBuffers[number], context)
        }
    }

    /// Begins to fetch what the first request of a buffer will look at.
    @inline(__always)
    private func prefetchFirst(_ number: Int) -> KeyHash? {
        let bytes = aheadBuffers[number].bytes
        let isBinary = !bytes.isEmpty && bytes[0] == BinaryHeader.requestMagic
        guard let key = isBinary ? BinaryParser.likelyKey(bytes) : TextParser.likelyKey(bytes)
        else { return nil }
        let hash = context.engine.hash(bytes[key])
        context.engine.prefetchBucket(hash)
        return hash
    }

    /// - Parameter received: what is in the ahead buffer of that number; nil: nothing.
    mutating func serve(
        _ slot: Int, aheadBuffer number: Int = 0, received: FileDescriptor.Received? = nil
    ) {
        context.beginTurn()
        let fate = table.with(slot) { connection -> Connection.Fate in
            if connection.pending != nil {
                guard connection.sendPending(&context) else { return .close }
            }
            if let received {
                return connection.serve(
                    readBuffer: &aheadBuffers[number], received: received, &context)
            }
            return connection.serve(readBuffer: &readBuffer, received: nil, &context)
        }
        if fate == .close {
            close(slot)
        } else {
            settle(slot)
        }
    }

    /// After a connection was served: sees to it that it goes on without a word from epoll, if
    /// that is what it waits for.
    private mutating func settle(_ slot: Int) {
        table.with(slot) { connection in
            connection.record.phase = connection.phase
            if connection.isWatching, !connection.isListedAsWatching {
                connection.isListedAsWatching = true
                watching.append(connection.token)
            }
            guard !connection.isQueued else { return }
            if connection.awaitsCull {
                connection.isQueued = true
                culling.append(connection.token)
            } else if connection.hasYielded || connection.mayReceive, !connection.isBlocked {
                connection.isQueued = true
                yielded.append(connection.token)
            }
        }
    }

    mutating func close(_ slot: Int, because reason: CloseReason? = nil) {
        table.with(slot) { connection in
            if context.watched.contains(.connectionEvents) {
                server.watchers.tellClosed(connection.record, reason ?? connection.closeReason)
            }
            connection.end(&context)
            server.registry.remove(connection.socket.number)
            poller.remove(connection.socket.number)
            if context.tracesCommands {
                Log.trace("<\(connection.socket.number) connection closed.")
            }
        }
        let token = table.with(slot) { $0.token }
        watching.removeAll { $0 == token }
        // Before the peer can see its end.
        forgetConnection()
        context.publishCounters()
        table.remove(slot)
    }

    private func forgetConnection() {
        shared.connections.subtract(1, ordering: .relaxed)
        server.connectionEnded()
    }
}
