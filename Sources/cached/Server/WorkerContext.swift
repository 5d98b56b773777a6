import CacheEngine
import Protocol
import SystemCalls

/// What a worker lends to the connection that it serves at the moment.
struct WorkerContext: ~Copyable {
    let engine: CacheEngine
    let server: ServerState
    let shared: WorkerShared
    var now: Instant
    var output = OutputQueue(capacity: ServerLimits.workerOutputBytes)
    var batch = KeyBatch()
    var counters = CommandCounters()
    /// A cull that had nothing to drop was made for the store that comes next.
    var mayExceed = false
    /// `stats detail` is on.
    var countsPrefixes = false
    /// Every command is printed (-vv).
    var tracesCommands = false
    /// The expiry of what is stored with an exptime of 0.
    let defaultTTLSeconds: UInt32
    /// Requests between two looks at the clock (-R).
    let requestsPerLook: Int
    private var turnStartNs: UInt64 = 0

    init(engine: CacheEngine, server: ServerState, shared: WorkerShared) {
        self.engine = engine
        self.server = server
        self.shared = shared
        now = server.clock.now
        defaultTTLSeconds = server.settings.defaultTTLSeconds
        requestsPerLook = server.settings.requestsPerEvent
    }

    mutating func beginTurn() { turnStartNs = MonotonicClock.nanoseconds() }

    /// Whether the connection being served has had its share of time.
    var isTurnOver: Bool { MonotonicClock.nanoseconds() &- turnStartNs > ServerLimits.turnNs }

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
        countsPrefixes = server.prefixes.isOn
        tracesCommands = Log.verbosity.load(ordering: .relaxed) >= 2
        let connections = max(1, server.currentConnections.load(ordering: .relaxed))
        let share = engine.memoryLimitBytes / 16 / connections
        replyBytes = min(max(share, 4 << 10), ServerLimits.replyBytesBeforeSend)
        readBytes = min(max(share, 16 << 10), ServerLimits.readBufferBytes)
    }

    /// The expiry of a stored value.
    func storeExpiry(_ exptime: Int32) -> Expiry {
        let zero: Expiry =
            defaultTTLSeconds == 0
            ? .never : .after(seconds: Int64(defaultTTLSeconds), from: now)
        return ExptimeReader.expiry(exptime, zero: zero, at: now)
    }

    func touchExpiry(_ exptime: Int32) -> Expiry {
        ExptimeReader.expiry(exptime, zero: .never, at: now)
    }

    @inline(__always)
    mutating func reply(_ text: StaticString, unless isQuiet: Bool = false) {
        if !isQuiet { output.bytes.append(text) }
    }
}

/// A run of keys to look up, over one or several requests, hashed and prefetched together.
struct KeyBatch {
    struct Entry {
        var key = ByteRange(start: 0, end: 0)
        var hash = KeyHash.zero
        /// Where its request begins.
        var requestStart = 0
        var isFirst = false
        var isLast = false
        var withCAS = false
        /// For gat and gats: the new expiry, and what it was made of.
        var touch: Int32?
    }

    private var entries = InlineArray<64, Entry>(repeating: Entry())
    private(set) var count = 0

    var isFull: Bool { count == ServerLimits.batchKeys }
    var isEmpty: Bool { count == 0 }

    subscript(position: Int) -> Entry { entries[position] }

    mutating func append(_ entry: Entry) {
        entries[count] = entry
        count += 1
    }

    mutating func markLast() {
        entries[count - 1].isLast = true
    }

    mutating func removeAll() { count = 0 }
}
