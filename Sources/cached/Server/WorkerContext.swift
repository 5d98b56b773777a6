import CacheEngine
import Protocol
import SystemCalls

/// What a worker lends to the connection that it serves at the moment.
@safe
struct WorkerContext: ~Copyable {
    let engine: CacheEngine
    /// The same, to be used without counting references: the count is one cache line for all
    /// threads.
    let uncounted: Unmanaged<CacheEngine>
    let server: ServerState
    let shared: WorkerShared
    var now: Instant
    var output = OutputQueue(capacity: ServerLimits.workerOutputBytes)
    var batch = KeyBatch()
    var counters = CommandCounters()
    /// A cull that had nothing to drop was made for the store that comes next.
    var mayExceed = false
    /// `stats detail` is on.
    private(set) var countsPrefixes = false
    /// What anyone watches.
    private(set) var watched = WatchStreams()
    /// Somebody wants to know what each command does: one of the two.
    private(set) var isObserved = false
    /// The nodes of a cluster are told.
    let answersDiscovery: Bool
    /// Every command is printed (-vv).
    var tracesCommands = false
    /// There may be connections that are not logged in and have a deadline for it.
    var hasGuests = false
    /// CAS values are off (-C).
    let hidesCAS: Bool
    /// The expiry of what is stored with an exptime of 0.
    let defaultTTLSeconds: UInt32
    /// How `stats` is to be answered.
    var statisticsForm = StatisticsForm.text
    /// Requests between two looks at the clock (-R).
    let requestsPerLook: Int
    private var turnStartNs: UInt64 = 0

    init(engine: CacheEngine, server: ServerState, shared: WorkerShared) {
        self.engine = engine
        unsafe uncounted = Unmanaged.passUnretained(engine)
        hidesCAS = server.settings.casDisabled
        self.server = server
        self.shared = shared
        now = server.clock.now
        defaultTTLSeconds = server.settings.defaultTTLSeconds
        requestsPerLook = server.settings.requestsPerEvent
        answersDiscovery = server.cluster != nil
    }

    mutating func beginTurn() { turnStartNs = 0 }

    /// Whether the connection being served has had its share of time, counted from the first time
    /// that this is asked: most are done before.
    mutating func isTurnOver() -> Bool {
        let now = MonotonicClock.nanoseconds()
        if turnStartNs == 0 { turnStartNs = now }
        return now &- turnStartNs > ServerLimits.turnNs
    }

    /// Bytes of replies that are sent without waiting for more, and kept if a client does not take
    /// them; with many connections it is less, so that together they stay within a sixteenth of
    /// the memory limit.
    private(set) var replyBytes = ServerLimits.replyBytesBeforeSend
    /// Bytes received at once, and kept if they cannot be executed yet; likewise.
    private(set) var readBytes = ServerLimits.readBufferBytes

    /// Takes the time and the limits, once for everything that is served with them.
    mutating func updateTime() {
        now = server.clock.now
        engine.advance(to: now)
        updateObservation()
        tracesCommands = Log.verbosity.load(ordering: .relaxed) >= 2
        let connections = max(1, server.currentConnections.load(ordering: .relaxed))
        let share = engine.memoryLimitBytes / 16 / connections
        replyBytes = min(max(share, 4 << 10), ServerLimits.replyBytesBeforeSend)
        readBytes = min(max(share, 16 << 10), ServerLimits.readBufferBytes)
    }

    mutating func updateObservation() {
        countsPrefixes = server.prefixes.isOn
        watched = server.watchers.streams
        isObserved = countsPrefixes || !watched.isEmpty
    }

    /// Brings what the batch will look at into the processor's cache, a step of the way at a time:
    /// by the time of the next step the one before has arrived.
    func prefetchBatch() {
        // SAFETY: `engine` holds it for as long as this context exists.
        unsafe uncounted._withUnsafeGuaranteedRef { engine in
            let following = batch.following
            for number in 0..<batch.count { engine.prefetchBucket(batch[number].hash) }
            if let following { engine.prefetchBucket(following) }
            for number in 0..<batch.count { engine.prefetchItem(batch[number].hash) }
            if let following { engine.prefetchItem(following) }
            for number in 0..<batch.count { engine.prefetchNeighbours(batch[number].hash) }
        }
    }

    // Inlined, as the compiler copies the whole context for a call that borrows it.

    /// The expiry of a stored value.
    @inline(__always)
    func storeExpiry(_ exptime: Int32) -> Expiry {
        ExptimeReader.expiry(exptime, zero: defaultExpiry, at: now)
    }

    @inline(__always)
    func storeExpiry(unsigned exptime: UInt32) -> Expiry {
        ExptimeReader.expiry(unsigned: exptime, zero: defaultExpiry, at: now)
    }

    /// That of what is stored with an exptime of 0.
    @inline(__always)
    private var defaultExpiry: Expiry {
        defaultTTLSeconds == 0 ? .never : .after(seconds: Int64(defaultTTLSeconds), from: now)
    }

    @inline(__always)
    func touchExpiry(_ exptime: Int32) -> Expiry {
        ExptimeReader.expiry(exptime, zero: .never, at: now)
    }

    @inline(__always)
    func touchExpiry(unsigned exptime: UInt32) -> Expiry {
        ExptimeReader.expiry(unsigned: exptime, zero: .never, at: now)
    }

    @inline(__always)
    mutating func reply(_ text: StaticString, unless isQuiet: Bool = false) {
        if !isQuiet { output.bytes.append(text) }
    }
}
