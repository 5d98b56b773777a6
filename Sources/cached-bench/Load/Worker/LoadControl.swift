import Synchronization
import SystemCalls

/// When a run begins, counts and ends; nanoseconds of the monotonic clock.
struct LoadTimes: Sendable {
    var start: UInt64
    var recordFrom: UInt64
    /// nil: when the requests are used up.
    var deadline: UInt64?
}

/// What the threads of a run tell the one that waits for them.
final class LoadControl: Sendable {
    /// The threads give up.
    let mustStop = Atomic<Bool>(false)
    let running: Atomic<Int>
    /// Signalled by each thread that ends.
    let wakeUp: WakeUp

    init(threads: Int) throws(BenchError) {
        running = Atomic(threads)
        do throws(Errno) {
            wakeUp = try WakeUp()
        } catch {
            throw BenchError("cannot make an eventfd: \(error)")
        }
    }

    func threadEnded() {
        running.subtract(1, ordering: .releasing)
        wakeUp.signal()
    }
}

/// One thread's part of a run, and what came of it.
final class LoadShare: Sendable {
    struct Outcome: Sendable {
        var result = LoadResult()
        /// When the last answer came.
        var endedAt: UInt64 = 0
        var failure: BenchError?
        /// None of the thread's connections is left.
        var isCutOff = false
    }

    let number: Int
    let plan: LoadPlan
    let trace: TraceFile?
    let times: LoadTimes
    /// Whether somebody looks at `outcome` while the run goes on.
    let publishes: Bool
    let control: LoadControl
    let outcome = Mutex(Outcome())

    init(
        number: Int, plan: LoadPlan, trace: TraceFile?, times: LoadTimes, publishes: Bool,
        control: LoadControl
    ) {
        self.number = number
        self.plan = plan
        self.trace = trace
        self.times = times
        self.publishes = publishes
        self.control = control
    }

    /// The requests that this thread may begin; `.max` if there is no limit but time.
    var requests: Int {
        // A trace is dealt out by its cursor.
        if case .trace = plan.source, plan.end.afterSeconds == nil { return .max }
        guard let all = plan.end.afterRequests else { return .max }
        return all / plan.threads + (number < all % plan.threads ? 1 : 0)
    }
}
