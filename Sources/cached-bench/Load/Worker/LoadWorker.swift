import SystemCalls

/// One thread of a run: waits for its connections, and for the clock in an open loop.
struct LoadWorker: ~Copyable {
    private let share: LoadShare
    private var lane: Lane
    private var connections: LoadConnections
    private var nextCheck: UInt64
    private var nextPublication: UInt64
    private var cpuAtStart: UInt64 = 0
    private var measuredFrom: UInt64 = 0

    private static let checkNanoseconds: UInt64 = 100_000_000
    /// Chosen by measurement, on a virtual machine with two cores. A wait with the kernel's usual
    /// slack ended 75 µs late (median), with epoll_pwait2 and a slack of 1 ns 36 µs, with a timerfd
    /// 42 µs and two system calls more: the processor itself has to wake up. So the last 60 µs
    /// before a request is due are spent asking again and again, and it is sent within 0.2 µs
    /// (median). `LoadResult.sendDelay` has each run's own figures.
    private static let spinNanoseconds: UInt64 = 60_000

    /// Runs a thread's share to its end and leaves the outcome there.
    ///
    /// - Parameter sockets: connected ones, which the worker takes over.
    static func run(_ share: LoadShare, sockets: [Int32]) {
        Thread.setPreciseTimers()
        do throws(Errno) {
            var worker = try LoadWorker(share, sockets)
            try worker.watchConnections(sockets)
            worker.run()
        } catch {
            share.outcome.withLock { $0.failure = BenchError("cannot poll: \(error)") }
        }
        share.control.threadEnded()
    }

    private init(_ share: LoadShare, _ sockets: [Int32]) throws(Errno) {
        self.share = share
        nextCheck = share.times.start
        nextPublication = share.times.start
        connections = LoadConnections(sockets, share.plan)
        lane = try Lane(share, connections: sockets.count)
    }

    private mutating func watchConnections(_ sockets: [Int32]) throws(Errno) {
        for (place, number) in sockets.enumerated() {
            connections[place].number = place
            try lane.poller.add(number, Poller.readable, token: UInt64(place))
        }
    }

    private mutating func run() {
        var now = MonotonicClock.nanoseconds()
        while now < share.times.start {
            _ = lane.poller.wait(timeoutNanoseconds: Int64(share.times.start - now))
            now = MonotonicClock.nanoseconds()
        }
        lane.updateTime()
        if !lane.isOpenLoop {
            for place in 0..<connections.count { lane.topUp(&connections[place]) }
        }
        while true {
            let count = lane.poller.wait(timeoutNanoseconds: timeout())
            for place in 0..<count {
                let event = lane.poller.event(at: place)
                lane.serve(&connections[Int(truncatingIfNeeded: event.token)], event.events)
                // What is due does not wait until all that came is read.
                if lane.isOpenLoop { lane.sendDue(&connections) }
            }
            if count == 0 { lane.updateTime() }
            if count == 0, lane.isOpenLoop { lane.sendDue(&connections) }
            if lane.now >= nextCheck, !check() { break }
            if lane.isFinished { break }
        }
        finish()
    }

    /// Nanoseconds to wait at most.
    private func timeout() -> Int64 {
        guard lane.isOpenLoop, !lane.isHeldUp, !lane.isExhausted, !lane.isScheduleOver,
            let due = lane.schedule?.nextDue
        else { return Int64(Self.checkNanoseconds) }
        let now = MonotonicClock.nanoseconds()
        guard due > now &+ Self.spinNanoseconds else { return 0 }
        return Int64(min(due &- now &- Self.spinNanoseconds, Self.checkNanoseconds))
    }

    /// What is looked after ten times a second.
    ///
    /// - Returns: false if the thread has to give up.
    private mutating func check() -> Bool {
        lane.updateTime()
        nextCheck = lane.now &+ Self.checkNanoseconds
        if lane.isMeasuring, measuredFrom == 0 {
            measuredFrom = lane.now
            cpuAtStart = CPUClock.ownThread()
        }
        if share.control.mustStop.load(ordering: .relaxed) { return false }
        if let silent = firstSilent() {
            let seconds = LoadLimits.silenceSecondsMax
            let failure = BenchError(
                "the server has not answered for \(seconds) s "
                    + "(\(connections[silent].underWay.count) requests of a connection wait)")
            share.outcome.withLock { $0.failure = failure }
            share.control.mustStop.store(true, ordering: .relaxed)
            return false
        }
        if share.publishes, lane.now >= nextPublication {
            nextPublication = lane.now &+ 250_000_000
            let result = lane.result
            share.outcome.withLock { $0.result = result }
        }
        return true
    }

    private func firstSilent() -> Int? {
        let limit = UInt64(LoadLimits.silenceSecondsMax) * 1_000_000_000
        for place in 0..<connections.count
        where connections[place].isOpen && connections[place].underWay.count > 0
            && lane.now > connections[place].lastHeard &+ limit
        {
            return place
        }
        return nil
    }

    private mutating func finish() {
        lane.updateTime()
        lane.countUnsent()
        if measuredFrom > 0, lane.now > measuredFrom {
            let used = CPUClock.ownThread() &- cpuAtStart
            lane.result.busiestThreadShare = Double(used) / Double(lane.now - measuredFrom)
        }
        let result = lane.result
        let endedAt = lane.now
        let isCutOff = lane.openConnections == 0
        share.outcome.withLock { outcome in
            outcome.result = result
            outcome.endedAt = endedAt
            outcome.isCutOff = isCutOff
        }
    }
}
