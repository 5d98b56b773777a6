import SystemCalls

/// What a thread does with its connections, one at a time: write requests, read answers, count.
/// The connections themselves are outside, so that one of them and the lane can be changed
/// together.
struct Lane: ~Copyable {
    let depth: Int
    let keysPerGet: Int
    let verifies: Bool
    let lookAside: Bool
    let setsFlags: Bool
    /// A get ends with a line of its own. In the other protocols a value, a miss or a no-op ends it.
    let isText: Bool
    let isBinary: Bool
    let isOpenLoop: Bool
    let isFill: Bool
    /// Of 2^53 requests, how many are sets.
    let setThreshold: UInt64
    let times: LoadTimes

    var poller: Poller
    var keys: KeySource
    let writer: RequestWriter
    let pattern = ValuePattern()
    var random: RandomNumbers
    var input = ReplyInput()
    var output = OutputBuffer(capacity: LoadLimits.sendBytes + (64 << 10))
    var schedule: Schedule?

    var result = LoadResult()
    /// The last time that was read; often enough to count by it.
    var now: UInt64
    /// Whether the warm-up is over.
    var isMeasuring = false
    /// Requests that may still begin.
    var budget: Int
    var isExhausted = false
    /// Requests under way, sets that are still to follow a miss, connections that are open.
    var underWay = 0
    var followUps = 0
    var openConnections: Int
    /// Open loop: the next connection in turn, and when there was room again after there was none.
    var turn = 0
    var isHeldUp = false
    var roomSince: UInt64 = 0

    init(_ share: LoadShare, connections: Int) throws(Errno) {
        let plan = share.plan
        depth = plan.depth
        keysPerGet = plan.keysPerGet
        verifies = plan.verifies
        lookAside = plan.lookAside
        setsFlags = plan.setsFlags
        isText = plan.protocolKind == .text
        isBinary = plan.protocolKind == .binary
        isOpenLoop = plan.requestsPerSecond != nil
        isFill = plan.source == .fill
        if case .trace = plan.source {
            setThreshold = 0
        } else {
            let parts = Double(plan.gets) + Double(plan.sets)
            setThreshold = UInt64(Double(plan.sets) / max(1, parts) * 0x1p53)
        }
        times = share.times
        poller = try Poller()
        keys = KeySource(plan, trace: share.trace, thread: share.number)
        writer = RequestWriter(plan)
        // A stream apart from that of the keys.
        random = RandomNumbers(seed: ~plan.seed, stream: share.number)
        now = times.start
        budget = share.requests
        openConnections = connections
        if let rate = plan.requestsPerSecond {
            schedule = Schedule(
                requestsPerSecond: rate, start: times.start, thread: share.number,
                threads: plan.threads)
        }
    }

    /// Reads the clock, and begins to count when it is time.
    @inline(__always)
    mutating func updateTime() {
        now = MonotonicClock.nanoseconds()
        if !isMeasuring, now >= times.recordFrom { beginMeasuring() }
    }

    /// Forgets what was answered so far; what went wrong stays.
    private mutating func beginMeasuring() {
        isMeasuring = true
        var fresh = LoadResult()
        fresh.errors = result.errors
        fresh.wrongValues = result.wrongValues
        fresh.firstError = result.firstError
        fresh.firstWrongValue = result.firstWrongValue
        fresh.connectionsLost = result.connectionsLost
        fresh.requestsLost = result.requestsLost
        fresh.firstLoss = result.firstLoss
        result = fresh
    }

    var isPastDeadline: Bool {
        @inline(__always)
        get {
            guard let deadline = times.deadline else { return false }
            return now >= deadline
        }
    }

    /// Nothing is under way, and nothing will be.
    var isFinished: Bool {
        guard openConnections > 0 else { return true }
        guard underWay == 0 else { return false }
        if isOpenLoop { return isScheduleOver || (isExhausted && followUps == 0) }
        return isPastDeadline || (isExhausted && followUps == 0)
    }

    /// A connection that is of no use any more.
    @inline(never)
    mutating func lose(_ connection: inout LoadConnection, _ reason: String) {
        guard connection.isOpen else { return }
        connection.isOpen = false
        poller.remove(connection.socket.number)
        underWay -= connection.underWay.count
        followUps -= connection.followUps.count
        openConnections -= 1
        result.connectionsLost += 1
        result.requestsLost += connection.underWay.count
        if result.firstLoss == nil { result.firstLoss = reason }
    }
}
