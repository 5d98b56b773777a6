import CacheEngine
import Glibc
import Protocol
import SystemCalls

/// One event loop with its connections, which stay with it for life.
///
/// It drains what epoll reports, reads each ready socket once into one large buffer, executes
/// every whole request in it, and sends once.
struct Worker: ~Copyable {
    private var poller: Poller
    private var table = ConnectionTable()
    private var context: WorkerContext
    private var readBuffer = InputBuffer()
    private let shared: WorkerShared
    private let server: ServerState
    /// Connections with whole requests left that gave way to others.
    private var yielded: [UInt64] = []
    /// Connections whose request waits for a cull.
    private var culling: [UInt64] = []
    private var nextIdleCheckMs: UInt64 = 0
    private var drainUntilMs: UInt64 = 0

    /// Token of the wake-up; no slot has it, because generations begin at 1.
    private static let wakeUpToken: UInt64 = 0

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
        context = WorkerContext(engine: server.engine, server: server, shared: shared)
        readBuffer.reserve(ServerLimits.readBufferBytes)
    }

    mutating func run() {
        while true {
            let count = poller.wait(timeoutMs: timeoutMs)
            context.updateTime()
            for position in 0..<count {
                let event = poller.event(at: position)
                if event.token == Worker.wakeUpToken {
                    shared.wakeUp.clear()
                } else if let slot = table.slot(of: event.token) {
                    handle(slot, event.events)
                }
            }
            takeAccepted()
            workOnCull()
            resumeYielded()
            closeIdle()
            if server.isStopping.load(ordering: .relaxed), drain() { return }
        }
    }

    private var timeoutMs: Int32 {
        if !yielded.isEmpty || !culling.isEmpty { return 0 }
        if drainUntilMs != 0 { return 20 }
        return server.settings.idleTimeoutSeconds > 0 ? 1000 : -1
    }

    // -- connections --

    private mutating func takeAccepted() {
        let accepted = shared.inbox.withLock { inbox in
            let all = inbox
            if !all.isEmpty { inbox.removeAll(keepingCapacity: true) }
            return all
        }
        for descriptor in accepted { add(FileDescriptor(owning: descriptor)) }
    }

    private mutating func add(_ socket: consuming FileDescriptor) {
        let number = socket.number
        let record = ConnectionRecord(descriptor: number, at: context.now)
        var owned: FileDescriptor? = socket
        let token = table.insert { token in
            guard let socket = owned.take() else { preconditionFailure("a socket used twice") }
            return Connection(socket: socket, record: record, token: token)
        }
        server.registry.add(record)
        do throws(Errno) {
            try poller.add(number, Poller.readable, token: token)
            if context.tracesCommands {
                Log.trace("<\(number) new auto-negotiating client connection")
            }
        } catch {
            Log.error("cannot watch a connection: \(error)")
            if let slot = table.slot(of: token) { close(slot) }
        }
    }

    private mutating func handle(_ slot: Int, _ events: UInt32) {
        let isWritable = events & Poller.writable != 0
        // An error or a hang-up shows when it is read from, after the data that came before it.
        let isReadable = events & ~Poller.writable != 0
        serve(slot, isReadable: isReadable, isWritable: isWritable)
    }

    private mutating func serve(_ slot: Int, isReadable: Bool, isWritable: Bool) {
        var fate = Connection.Fate.keep
        context.beginTurn()
        fate = table.with(slot) { connection in
            if connection.pending != nil {
                // Only a socket with room, or one that is broken, is worth a try.
                guard isWritable || isReadable else { return .keep }
                guard connection.sendPending(&context) else { return .close }
            }
            return connection.serve(
                isReadable: isReadable, readBuffer: &readBuffer, &context)
        }
        if fate == .close {
            close(slot)
        } else {
            settle(slot)
        }
    }

    /// After a connection was served: watches for what it waits for now.
    private mutating func settle(_ slot: Int) {
        table.with(slot) { connection in
            connection.record.phase = connection.phase
            let interest: UInt32 =
                connection.pending != nil
                ? Poller.writable : (connection.awaitsCull ? 0 : Poller.readable)
            if interest != connection.interest {
                poller.modify(connection.socket.number, interest, token: connection.token)
                connection.interest = interest
            }
            guard !connection.isQueued else { return }
            if connection.awaitsCull {
                connection.isQueued = true
                culling.append(connection.token)
            } else if connection.hasYielded, !connection.isBlocked {
                connection.isQueued = true
                yielded.append(connection.token)
            }
        }
    }

    private mutating func close(_ slot: Int) {
        table.with(slot) { connection in
            connection.end(&context)
            server.registry.remove(connection.socket.number)
            poller.remove(connection.socket.number)
            if context.tracesCommands {
                Log.trace("<\(connection.socket.number) connection closed.")
            }
        }
        table.remove(slot)
        shared.connections.subtract(1, ordering: .relaxed)
        server.connectionEnded()
        context.publishCounters()
    }

    // -- what goes on without the socket --

    private mutating func resumeYielded() {
        guard !yielded.isEmpty else { return }
        let tokens = yielded
        yielded.removeAll(keepingCapacity: true)
        for token in tokens {
            guard let slot = table.slot(of: token) else { continue }
            table.with(slot) { $0.isQueued = false }
            serve(slot, isReadable: false, isWritable: false)
        }
    }

    private mutating func workOnCull() {
        guard !culling.isEmpty else { return }
        let progress = context.engine.cull(ServerLimits.cullStepItems, at: context.now)
        guard progress != .more else { return }
        let tokens = culling
        culling.removeAll(keepingCapacity: true)
        for token in tokens {
            guard let slot = table.slot(of: token) else { continue }
            table.with(slot) { connection in
                connection.isQueued = false
                connection.awaitsCull = false
                connection.mayExceed = progress == .nothingToDrop
            }
            serve(slot, isReadable: false, isWritable: false)
        }
    }

    private mutating func closeIdle() {
        let timeout = server.settings.idleTimeoutSeconds
        guard timeout > 0, context.now.milliseconds >= nextIdleCheckMs else { return }
        nextIdleCheckMs = context.now.milliseconds + 1000
        let limitMs = UInt64(timeout) * 1000
        for slot in 0..<table.used where table.isUsed(slot) {
            let idleMs = table.with(slot) { connection -> UInt64 in
                // One that waits for us, or takes its time to read, is not idle.
                if connection.pending != nil || connection.awaitsCull { return 0 }
                return context.now.milliseconds.subtractingOrZero(connection.record.lastCommandMs)
            }
            if idleMs > limitMs {
                context.counters.idleKicks &+= 1
                close(slot)
            }
        }
    }

    /// Ends every connection that has nothing in flight; true when all are gone or time is up.
    private mutating func drain() -> Bool {
        if drainUntilMs == 0 {
            drainUntilMs = context.now.milliseconds + ServerLimits.drainMs
            // What has already arrived is still answered.
            for slot in 0..<table.used where table.isUsed(slot) {
                serve(slot, isReadable: true, isWritable: false)
            }
        }
        let isOver = context.now.milliseconds >= drainUntilMs
        for slot in 0..<table.used where table.isUsed(slot) {
            let mayEnd = table.with(slot) { $0.isQuiet }
            if mayEnd || isOver { close(slot) }
        }
        return table.count == 0
    }
}
