import CacheEngine
import Glibc
import SystemCalls

/// The monotonic clock, as the engine counts, and the wall clock.
struct Clock: Sendable {
    private let startMs: UInt64
    /// Unix time of the start, in seconds.
    let startedAt: Int64

    init() {
        startMs = Clock.monotonicMs()
        startedAt = Clock.wallSeconds()
    }

    var now: Instant {
        @inline(__always)
        get {
            Instant(milliseconds: Clock.monotonicMs() &- startMs &+ Instant.startMs)
        }
    }

    func uptimeSeconds(at now: Instant) -> UInt64 {
        // memcached's clock starts at 2 as well, and its users see it.
        now.milliseconds / 1000
    }

    static func wallSeconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec)
    }

    /// Unix time in microseconds.
    static func wallMicroseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    private static func monotonicMs() -> UInt64 { MonotonicClock.nanoseconds() / 1_000_000 }
}

/// memcached's exptime as the engine's expiry.
struct ExptimeReader: Sendable {
    /// Up to here an exptime is relative: 30 days in seconds.
    static let maximumRelative: Int32 = 60 * 60 * 24 * 30

    /// - Parameter zero: what an exptime of 0 means.
    static func expiry(_ exptime: Int32, zero: Expiry, at now: Instant) -> Expiry {
        if exptime == 0 { return zero }
        if exptime < 0 { return .past }
        if exptime <= maximumRelative { return .after(seconds: Int64(exptime), from: now) }
        // Read once: a later step of the wall clock changes nothing.
        return .after(seconds: Int64(exptime) - Clock.wallSeconds(), from: now)
    }

    /// As the binary protocol has it, without a sign. Clients write negative numbers, for what is
    /// expired at once, all the same; memcached takes them for years from 2038 to 2106.
    static func expiry(unsigned exptime: UInt32, zero: Expiry, at now: Instant) -> Expiry {
        expiry(Int32(bitPattern: exptime), zero: zero, at: now)
    }
}
