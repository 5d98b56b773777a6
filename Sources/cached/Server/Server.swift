import CSystem
import CacheEngine
import Glibc
import Synchronization
import SystemCalls

/// The daemon put together: sockets, engine, threads, signals.
///
///     main        waits for signals
///     acceptor    accepts, hands each connection to the worker with the fewest
///     worker × N  one event loop each, its connections for life
///     maintenance reclaims what is dead, in small slices
struct Server {
    private let settings: Settings
    private let sockets: ListeningSockets
    private let authenticator: Authenticator?
    private let tls: TLSServer?

    /// Signals that end the daemon in good order. SIGHUP has it read files again.
    private static let stopSignals = [SIGTERM, SIGINT, SIGUSR1]

    /// Opens the sockets and takes on the user, so that what can fail at a start fails here.
    init(_ settings: Settings) throws(StartupError) {
        try ProcessSetup.raiseDescriptorLimit(settings)
        let tls: TLSServer? = try TLSServer.load(settings.tls)
        let sockets = try ListeningSockets(settings)
        try ProcessSetup.takeOnIdentity(settings)
        // As the user who will have to read it again, and while there is a terminal.
        authenticator = try settings.userFile.map { file throws(StartupError) in
            try Authenticator(file)
        }
        try ProcessSetup.goToBackground(settings)
        self.settings = settings
        self.sockets = sockets
        self.tls = tls
    }

    /// Runs until a signal says to stop.
    func run() throws(StartupError) {
        ProcessSetup.returnFreedBuffers()
        let signals = Server.blockSignals()
        let clock = Clock()
        let state = try makeState(clock)
        ProcessSetup.lockMemory(settings)
        for listener in sockets.listeners {
            let record = ConnectionRecord(descriptor: listener.descriptor, at: clock.now)
            record.phase = .listening
            state.registry.add(record)
        }
        let stop = try Server.orFail { () throws(Errno) in try WakeUp() }
        let threads = try startThreads(state, stop: stop.descriptor)
        let authenticatorThread = try startAuthenticator()
        Log.info("ready: \(sockets.description)")
        Server.waitForStop(signals) { state.reload() }
        Log.info("stopping")
        state.isStopping.store(true, ordering: .relaxed)
        stop.signal()
        for worker in state.workers { worker.wakeUp.signal() }
        for thread in threads { thread.join() }
        // Not before the workers: they answer the logins that are under way.
        authenticator?.stop()
        authenticatorThread?.join()
        sockets.removeFiles()
        ProcessSetup.removePidFile(settings)
    }

    private func makeState(_ clock: Clock) throws(StartupError) -> ServerState {
        var configuration = EngineConfiguration(
            memoryLimitBytes: Int(clamping: settings.memoryLimitBytes),
            hashSeed: ProcessSetup.hashSeed(settings))
        configuration.maximumItemBytes = settings.maxItemSizeBytes
        configuration.evicts = !settings.evictionDisabled
        configuration.eviction = settings.eviction
        configuration.maximumEntries = settings.maxEntries
        configuration.cullFrequency = settings.cullFrequency
        configuration.storesNothing = settings.dummy
        configuration.shards = settings.shards
        configuration.tracksSizes = settings.trackSizes
        configuration.threads = settings.workerThreads
        let engine: CacheEngine
        do throws(EngineError) {
            engine = try CacheEngine(configuration)
        } catch {
            throw StartupError(message: Server.describe(error))
        }
        let workers = try Server.orFail { () throws(Errno) in
            var made: [WorkerShared] = []
            for _ in 0..<settings.workerThreads { made.append(try WorkerShared()) }
            return made
        }
        return ServerState(
            settings: settings, engine: engine, clock: clock, workers: workers,
            authenticator: authenticator, tls: tls)
    }

    private static func describe(_ error: EngineError) -> String {
        switch error {
        case .cannotReserve(let bytes):
            "cannot reserve \(bytes >> 20) MiB of address space; "
                + "raise the limit of virtual memory (ulimit -v), or lower --memory-limit"
        case .invalidConfiguration(let text): text
        }
    }

    private func startThreads(
        _ state: ServerState, stop: Int32
    ) throws(StartupError) -> [Thread] {
        let listening = sockets.listeners
        return try Server.orFail { () throws(Errno) in
            var threads: [Thread] = []
            for (number, shared) in state.workers.enumerated() {
                threads.append(
                    try Thread(name: "worker-\(number)") { Server.runWorker(state, shared) })
            }
            threads.append(
                try Thread(name: "acceptor") { Server.runAcceptor(state, listening, stop) })
            threads.append(
                try Thread(name: "maintenance") { Maintenance(server: state).run() })
            return threads
        }
    }

    private func startAuthenticator() throws(StartupError) -> Thread? {
        guard let authenticator else { return nil }
        return try Server.orFail { () throws(Errno) in
            try Thread(name: "authenticator") { authenticator.run() }
        }
    }

    private static func runWorker(_ state: ServerState, _ shared: WorkerShared) {
        do throws(Errno) {
            var worker = try Worker.make(state, shared)
            worker.run()
        } catch {
            Log.error("a worker cannot start: \(error)")
            exit(1)
        }
    }

    private static func runAcceptor(_ state: ServerState, _ sockets: [Listener], _ stop: Int32) {
        do throws(Errno) {
            var acceptor = try Acceptor.make(state, sockets: sockets, wakeUp: stop)
            acceptor.run()
        } catch {
            Log.error("the acceptor cannot start: \(error)")
            exit(1)
        }
    }

    private static func orFail<Value: ~Copyable>(
        _ body: () throws(Errno) -> Value
    ) throws(StartupError) -> Value {
        do throws(Errno) {
            return try body()
        } catch {
            throw StartupError(message: "cannot start: \(error)")
        }
    }

    // -- signals --

    /// Blocks them in every thread that comes, so that only `waitForStop` sees them.
    private static func blockSignals() -> sigset_t {
        signal(SIGPIPE, SIG_IGN)
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in stopSignals + [SIGHUP] { unsafe sigaddset(&set, number) }
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        return set
    }

    private static func waitForStop(_ signals: sigset_t, _ reload: () -> Void) {
        var set = signals
        while true {
            var number: Int32 = 0
            guard unsafe sigwait(&set, &number) == 0 else { continue }
            if number == SIGHUP { reload() }
            if stopSignals.contains(number) { return }
        }
    }
}

/// A socket that is listened on.
struct Listener: Sendable {
    let descriptor: Int32
    /// How its connections are encrypted; `plain` without -Z.
    let security: ListenerSecurity
}

/// The sockets that the daemon listens on, and the file that tells their ports.
struct ListeningSockets {
    let listeners: [Listener]
    let description: String
    private let unixPath: String?

    init(_ settings: Settings) throws(StartupError) {
        var opened: [Listener] = []
        var names: [String] = []
        var ports = ""
        var publicNames: [String] = []
        func keep(_ socket: consuming ListeningSocket, _ security: ListenerSecurity) {
            names.append(security == .plain ? socket.name : "\(socket.name) with TLS")
            if !socket.isLocal, !settings.tls.asksForCertificate(security) {
                publicNames.append(socket.name)
            }
            if socket.isTCP { ports += "TCP \(socket.family): \(socket.port)\n" }
            opened.append(Listener(descriptor: socket.release(), security: security))
        }
        for address in settings.listeners {
            let security = settings.tls.isEnabled ? address.security : .plain
            try ListeningSocket.openTCP(address, backlog: settings.backlog) {
                keep($0, security)
            }
        }
        try ListeningSockets.checkPublic(publicNames, settings)
        if let path = settings.unixSocketPath {
            keep(
                try ListeningSocket.openUnix(
                    path: path, mode: settings.unixSocketMode, backlog: settings.backlog),
                .plain)
        }
        listeners = opened
        description = names.joined(separator: ", ")
        unixPath = settings.unixSocketPath
        if let file = settings.portFilePath, !ports.isEmpty {
            try ProcessSetup.write(ports, to: file, purpose: "the port file")
        }
    }

    /// Other machines may connect only to who asks them who they are, unless the operator says so.
    private static func checkPublic(
        _ names: [String], _ settings: Settings
    ) throws(StartupError) {
        guard !names.isEmpty, !settings.authenticatesClients else { return }
        let shown = names.joined(separator: ", ")
        guard settings.publicUnauthenticatedAllowed else {
            throw StartupError(
                message: "cannot listen on \(shown): other machines can connect there, and nobody "
                    + "has to log in; give users with --auth-file, ask for certificates with "
                    + "--enable-ssl and ssl_verify_mode=2, listen on 127.0.0.1 or a unix socket "
                    + "with --listen or --unix-socket, or say --allow-public-unauthenticated")
        }
        Log.warning("\(shown): whoever can connect may read, change and delete everything")
    }

    /// Takes the unix socket's path away, so that nobody waits at it.
    func removeFiles() {
        if let unixPath { unsafe unlink(unixPath) }
    }
}
