/// A moment on the engine's clock, in milliseconds. The caller passes it in, so that a test is
/// deterministic. It must come from a monotonic clock: a step of the wall clock changes nothing.
public struct Instant: Comparable, Sendable {
    /// At least ``startMs``, at most 2^32 - 1 seconds (136 years).
    public let milliseconds: UInt64

    /// The first moment of an engine: second 0 and 1 stand for "never" and "long ago".
    public static let startMs: UInt64 = 2_000

    public init(milliseconds: UInt64) {
        self.milliseconds = min(max(milliseconds, Instant.startMs), UInt64(UInt32.max) * 1000)
    }

    @inline(__always)
    public static func < (left: Instant, right: Instant) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// Whole seconds, rounded down.
    @inline(__always)
    var seconds: UInt32 { UInt32(truncatingIfNeeded: milliseconds / 1000) }

    static let ticksPerSecond: UInt32 = 1000 >> 4

    /// Units of 16 ms: fine enough to order what a large cache touches, and 32 bits last 2 years.
    @inline(__always)
    var tick: UInt32 { UInt32(truncatingIfNeeded: milliseconds >> 4) }
}

/// When an item stops being served: a whole second of the engine's clock.
public struct Expiry: Equatable, Sendable {
    @usableFromInline let second: UInt32

    init(second: UInt32) { self.second = second }

    /// The item never expires.
    public static let never = Expiry(second: 0)
    /// The item is gone at once.
    public static let past = Expiry(second: 1)

    /// The item lives at least `seconds` and less than `seconds + 1` from `now` on.
    /// 0 and what lies in the past is ``past``; what 32 bits can't hold is ``never``.
    public static func after(seconds: Int64, from now: Instant) -> Expiry {
        if seconds <= 0 { return .past }
        // Rounded up: a TTL of 1 set late in a second must not be gone at the second's end.
        let start = (now.milliseconds + 999) / 1000
        let (end, overflow) = UInt64(start).addingReportingOverflow(UInt64(seconds))
        if overflow || end > UInt64(UInt32.max) { return .never }
        return Expiry(second: UInt32(end))
    }

    @inline(__always)
    func isPast(at now: Instant) -> Bool { second != 0 && second <= now.seconds }

    /// Whole seconds until it expires, so that a TTL reads right after it was set as it was given;
    /// nil if it never does.
    public func remainingSeconds(at now: Instant) -> Int64? {
        guard second != 0 else { return nil }
        let endMs = UInt64(second) * 1000
        return endMs > now.milliseconds ? Int64((endMs - now.milliseconds) / 1000) : 0
    }
}
