/// When the requests of an open loop are due: evenly spaced. Independent users would come at
/// random intervals; an even spacing asks less of the server, but is the same in each run, and
/// any delay in it is the server's.
struct Schedule {
    private let start: UInt64
    private let intervalNanoseconds: Double
    private var sent: UInt64 = 0
    private(set) var nextDue: UInt64

    /// - Parameters:
    ///   - requestsPerSecond: of the whole run, above 0; the threads take turns.
    init(requestsPerSecond: Double, start: UInt64, thread: Int, threads: Int) {
        let interval = 1e9 / requestsPerSecond
        intervalNanoseconds = interval * Double(threads)
        self.start = start &+ UInt64(min(interval * Double(thread), 1e15))
        nextDue = self.start
    }

    @inline(__always)
    mutating func advance() {
        sent &+= 1
        // Counted from the start, so that errors of rounding do not add up. 1e18 ns are 30 years.
        nextDue = start &+ UInt64(min(Double(sent) * intervalNanoseconds, 1e18))
    }

    /// How many requests are due up to `time`.
    func due(upTo time: UInt64) -> Int {
        guard time >= nextDue else { return 0 }
        return Int(min(Double(time &- nextDue) / intervalNanoseconds, 1e9)) + 1
    }
}
