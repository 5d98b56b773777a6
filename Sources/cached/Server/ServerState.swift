import CacheEngine
import Glibc
import Synchronization
import SystemCalls

/// What all threads of the daemon share.
final class ServerState: Sendable {
    let settings: Settings
    let engine: CacheEngine
    let clock: Clock
    let registry = ConnectionRegistry()
    let prefixes: PrefixStatistics
    let watchers: Watchers
    let crawler: CrawlerControl
    let tuning = Locked<RememberedTuning>(RememberedTuning())
    /// nil: nothing is told of a cluster.
    let cluster: ClusterConfiguration?
    let workers: [WorkerShared]
    /// Nil if nobody has to log in.
    let authenticator: Authenticator?
    /// Nil if TLS is off.
    let tls: TLSServer?

    /// Client connections that are open.
    let currentConnections = Atomic<Int>(0)
    let totalConnections = Atomic<UInt64>(0)
    let rejectedConnections = Atomic<UInt64>(0)
    /// How often, and how long, nothing was accepted.
    let listenDisabledCount = Atomic<UInt64>(0)
    let listenDisabledUs = Atomic<UInt64>(0)
    let isAccepting = Atomic<Bool>(true)
    let isStopping = Atomic<Bool>(false)
    /// Set by `stats reset`: what the counters stood at then.
    private let baseline = Locked<CommandCounters>(CommandCounters())
    private let connectionBaseline = Locked<(total: UInt64, rejected: UInt64)>((0, 0))

    init(
        settings: Settings, engine: CacheEngine, clock: Clock, workers: [WorkerShared],
        authenticator: Authenticator?, tls: TLSServer?
    ) {
        self.settings = settings
        self.engine = engine
        self.clock = clock
        self.workers = workers
        self.authenticator = authenticator
        self.tls = tls
        prefixes = PrefixStatistics(
            delimiter: settings.prefixDelimiter, isOn: settings.statsDetailEnabled)
        watchers = Watchers(engine: engine)
        crawler = CrawlerControl(isEnabled: settings.lruCrawlerEnabled)
        let tellsNodes = !settings.clusterNodes.isEmpty || settings.clusterUpdatesAllowed
        cluster = tellsNodes ? ClusterConfiguration(nodes: settings.clusterNodes) : nil
    }

    /// The workers' counters since the start or the last reset.
    var counters: CommandCounters { sumOfWorkers - baseline.withLock { $0 } }

    private var sumOfWorkers: CommandCounters {
        workers.reduce(CommandCounters()) { sum, worker in
            sum + worker.counters.withLock { $0 }
        }
    }

    var rejectedSinceReset: UInt64 {
        let before = connectionBaseline.withLock { $0.rejected }
        return rejectedConnections.load(ordering: .relaxed).subtractingOrZero(before)
    }

    var totalSinceReset: UInt64 {
        let before = connectionBaseline.withLock { $0.total }
        return totalConnections.load(ordering: .relaxed).subtractingOrZero(before)
    }

    func resetStatistics() {
        let sum = sumOfWorkers
        baseline.withLock { $0 = sum }
        let total = totalConnections.load(ordering: .relaxed)
        let rejected = rejectedConnections.load(ordering: .relaxed)
        connectionBaseline.withLock { $0 = (total, rejected) }
        engine.resetStatistics()
        prefixes.removeAll()
        tls?.resetCounters()
        watchers.resetCounters()
        crawler.starts.store(0, ordering: .relaxed)
    }

    /// Ends the process the way a signal would.
    func requestStop(graceful: Bool) {
        kill(getpid(), graceful ? SIGUSR1 : SIGINT)
    }
}

/// The part of a worker that other threads see.
final class WorkerShared: Sendable {
    /// As of the worker's last reply.
    let counters = Locked<CommandCounters>(CommandCounters())
    let connections = Atomic<Int>(0)
    /// For the worker to take over.
    let inbox = Locked<[AcceptedSocket]>([])
    /// Logins that the authenticator has decided about.
    let verdicts = Locked<[LoginVerdict]>([])
    /// One of its connections watches, and has lines to be sent.
    private let hasEvents = Atomic<Bool>(false)
    let wakeUp: WakeUp

    init() throws(Errno) { wakeUp = try WakeUp() }

    func take(_ accepted: AcceptedSocket) {
        connections.add(1, ordering: .relaxed)
        inbox.withLock { $0.append(accepted) }
        wakeUp.signal()
    }

    func deliver(_ verdict: LoginVerdict) {
        verdicts.withLock { $0.append(verdict) }
        wakeUp.signal()
    }

    func announceEvents() {
        hasEvents.store(true, ordering: .releasing)
        wakeUp.signal()
    }

    /// True if there may be lines to be sent since the last call.
    func takeEvents() -> Bool {
        hasEvents.load(ordering: .relaxed)
            && hasEvents.exchange(false, ordering: .acquiringAndReleasing)
    }
}

/// A connection on its way from the acceptor to a worker.
struct AcceptedSocket: Sendable {
    let descriptor: Int32
    let security: ListenerSecurity
}
