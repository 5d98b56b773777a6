import CSystem
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

/// CPU time that was used, in and outside of the kernel, in nanoseconds.
package enum CPUClock {
    package static func ownProcess() -> UInt64 { read(CLOCK_PROCESS_CPUTIME_ID) }
    package static func ownThread() -> UInt64 { read(CLOCK_THREAD_CPUTIME_ID) }

    /// nil if there is no such process.
    package static func process(_ identifier: Int32) -> UInt64? {
        var time = timespec()
        guard unsafe cs_process_cpu_time(identifier, &time) == 0 else { return nil }
        return nanoseconds(time)
    }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return nanoseconds(time)
    }

    private static func nanoseconds(_ time: timespec) -> UInt64 {
        UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
