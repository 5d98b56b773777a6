import Glibc

/// Time that never steps back.
package enum MonotonicClock {
    /// Nanoseconds since the machine started.
    package static func nanoseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        // 64 bits of nanoseconds last for 584 years of uptime.
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
