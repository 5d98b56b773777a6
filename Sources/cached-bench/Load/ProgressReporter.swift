import SystemCalls

/// Makes a `LoadProgress` of what the threads have published since the last one.
struct ProgressReporter {
    private static let intervalNanoseconds: UInt64 = 1_000_000_000

    private let shares: [LoadShare]
    private let times: LoadTimes
    private(set) var nextReport: UInt64
    private var last = LoadResult()
    private var lastTime: UInt64

    init(_ shares: [LoadShare], _ times: LoadTimes) {
        self.shares = shares
        self.times = times
        lastTime = max(times.start, MonotonicClock.nanoseconds())
        nextReport = lastTime &+ Self.intervalNanoseconds
    }

    mutating func report() -> LoadProgress {
        let now = MonotonicClock.nanoseconds()
        var sum = LoadResult()
        for share in shares { sum.merge(share.outcome.withLock { $0.result }) }
        var progress = LoadProgress()
        progress.seconds = Double(now > times.start ? now - times.start : 0) / 1e9
        progress.isWarmingUp = now < times.recordFrom
        progress.requests = sum.requests
        progress.errors = sum.errors
        progress.wrongValues = sum.wrongValues
        // Counts begin again after the warm-up.
        if sum.requests < last.requests { last = LoadResult() }
        let seconds = Double(max(1, now - lastTime)) / 1e9
        progress.requestsPerSecond = Double(sum.requests - last.requests) / seconds
        progress.latency = sum.getLatency.since(last.getLatency)
        progress.latency.merge(sum.setLatency.since(last.setLatency))
        let hits = sum.hits - last.hits
        let asked = hits + sum.misses - last.misses
        progress.hitRatio = asked > 0 ? Double(hits) / Double(asked) : nil
        last = sum
        lastTime = now
        nextReport = now &+ Self.intervalNanoseconds
        return progress
    }
}

extension LoadResult {
    /// Adds what another thread saw. Times and the server's measures are the whole run's.
    mutating func merge(_ other: LoadResult) {
        requests += other.requests
        gets += other.gets
        hits += other.hits
        misses += other.misses
        sets += other.sets
        setsNotStored += other.setsNotStored
        errors += other.errors
        wrongValues += other.wrongValues
        bytesSent += other.bytesSent
        bytesReceived += other.bytesReceived
        getLatency.merge(other.getLatency)
        setLatency.merge(other.setLatency)
        sendDelay.merge(other.sendDelay)
        requestsHeldUp += other.requestsHeldUp
        requestsUnsent += other.requestsUnsent
        connectionsLost += other.connectionsLost
        requestsLost += other.requestsLost
        firstError = firstError ?? other.firstError
        firstWrongValue = firstWrongValue ?? other.firstWrongValue
        firstLoss = firstLoss ?? other.firstLoss
        busiestThreadShare = max(busiestThreadShare, other.busiestThreadShare)
    }
}
