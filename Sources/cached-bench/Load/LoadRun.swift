import Glibc
import SystemCalls

/// One run of the load generator, from connecting to the result.
struct LoadRun {
    private let plan: LoadPlan
    private let process: ServerProcess?
    private let times: LoadTimes
    private let control: LoadControl
    private var shares: [LoadShare]
    private var threads: [Thread]
    private var usage = ServerUsage()
    private var serverCPUBefore: UInt64 = 0
    private var ownCPUBefore: UInt64 = 0

    /// From the first request's time on connections are ready and threads wait.
    private static let startUpNanoseconds: UInt64 = 5_000_000

    /// Makes a run. May be called again, but not by two threads at once: CPU time is the
    /// process's.
    ///
    /// - Parameter progress: called about once a second, on this thread.
    static func run(
        _ plan: LoadPlan, progress: ((LoadProgress) -> Void)? = nil
    ) throws(BenchError) -> LoadResult {
        try plan.check()
        var run = try LoadRun(plan, publishes: progress != nil)
        run.wait(progress)
        return try run.result()
    }

    private init(_ plan: LoadPlan, publishes: Bool) throws(BenchError) {
        self.plan = plan
        var trace: TraceFile?
        if case .trace(let path, let format) = plan.source {
            trace = try TraceFile(path: path, format: format)
        }
        let address = try ServerAddress(plan.target)
        Self.raiseDescriptorLimit()
        process = try ServerProcess.find(plan, address)
        usage.residentBytesIdle = process?.residentBytes ?? 0
        control = try LoadControl(threads: plan.threads)
        var sockets: [FileDescriptors] = []
        for thread in 0..<plan.threads {
            let count =
                plan.connections / plan.threads
                + (thread < plan.connections % plan.threads ? 1 : 0)
            sockets.append(try FileDescriptors(count: count, to: address))
        }
        let start = MonotonicClock.nanoseconds() &+ Self.startUpNanoseconds
        let recordFrom = start &+ UInt64(plan.warmUpSeconds * 1e9)
        times = LoadTimes(
            start: start, recordFrom: recordFrom,
            deadline: plan.end.afterSeconds.map { recordFrom &+ UInt64($0 * 1e9) })
        shares = []
        threads = []
        // Without a warm-up it counts from the first request, which must not come before this.
        measureBefore()
        for thread in 0..<plan.threads {
            let share = LoadShare(
                number: thread, plan: plan, trace: trace, times: times, publishes: publishes,
                control: control)
            let numbers = sockets[thread].release()
            shares.append(share)
            threads.append(try Self.start(share, numbers))
        }
    }

    /// As many descriptors as the system lets this process have.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue))
        guard unsafe getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else {
            return
        }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(resource, &limit)
    }

    private static func start(
        _ share: LoadShare, _ sockets: [Int32]
    ) throws(BenchError) -> Thread {
        do throws(Errno) {
            return try Thread(name: "load-\(share.number)") {
                LoadWorker.run(share, sockets: sockets)
            }
        } catch {
            share.control.mustStop.store(true, ordering: .relaxed)
            throw BenchError("cannot start a thread: \(error)")
        }
    }

    /// Waits for the threads; takes the server's measures at the beginning and the end.
    private mutating func wait(_ progress: ((LoadProgress) -> Void)?) {
        if plan.warmUpSeconds > 0 {
            waitUntil(times.recordFrom, progress)
            measureBefore()
        }
        waitUntil(.max, progress)
        let ownCPU = CPUClock.ownProcess()
        if let process {
            let cpu = process.cpuNanoseconds
            usage.cpuSeconds = cpu > serverCPUBefore ? Double(cpu - serverCPUBefore) / 1e9 : 0
            usage.residentBytesAfter = process.residentBytes
        }
        for thread in threads { thread.join() }
        ownCPUBefore = ownCPU > ownCPUBefore ? ownCPU - ownCPUBefore : 0
    }

    private mutating func measureBefore() {
        if let process {
            usage.residentBytesBefore = process.residentBytes
            serverCPUBefore = process.cpuNanoseconds
        }
        ownCPUBefore = CPUClock.ownProcess()
    }

    /// Until then, or until the threads have ended.
    private func waitUntil(_ time: UInt64, _ progress: ((LoadProgress) -> Void)?) {
        var reporter = ProgressReporter(shares, times)
        while control.running.load(ordering: .acquiring) > 0 {
            let now = MonotonicClock.nanoseconds()
            guard now < time else { return }
            let until = progress == nil ? time : min(time, reporter.nextReport)
            let waitMs = until > now ? min((until - now) / 1_000_000 + 1, 1000) : 0
            var entry = pollfd(
                fd: control.wakeUp.descriptor, events: Int16(POLLIN), revents: 0)
            if unsafe poll(&entry, 1, Int32(waitMs)) > 0 { control.wakeUp.clear() }
            if let progress, MonotonicClock.nanoseconds() >= reporter.nextReport {
                progress(reporter.report())
            }
        }
    }

    private func result() throws(BenchError) -> LoadResult {
        var sum = LoadResult()
        var endedAt = times.recordFrom
        var cutOff = 0
        for share in shares {
            let outcome = share.outcome.withLock { $0 }
            if let failure = outcome.failure { throw failure }
            sum.merge(outcome.result)
            endedAt = max(endedAt, outcome.endedAt)
            cutOff += outcome.isCutOff ? 1 : 0
        }
        if cutOff == shares.count {
            throw BenchError(
                "all \(sum.connectionsLost) connections were lost: "
                    + (sum.firstLoss ?? "for no known reason"))
        }
        guard endedAt > times.recordFrom || plan.warmUpSeconds == 0 else {
            throw BenchError("the run was over before its warm-up")
        }
        sum.seconds = Double(endedAt - times.recordFrom) / 1e9
        sum.generatorCPUSeconds = Double(ownCPUBefore) / 1e9
        if process != nil { sum.server = usage }
        return sum
    }
}

/// Connected sockets on their way to a thread; closed if they do not get there.
private final class FileDescriptors {
    private var numbers: [Int32] = []

    init(count: Int, to address: ServerAddress) throws(BenchError) {
        for _ in 0..<count { numbers.append(try address.connect().release()) }
    }

    deinit { for number in numbers { close(number) } }

    func release() -> [Int32] {
        defer { numbers = [] }
        return numbers
    }
}
