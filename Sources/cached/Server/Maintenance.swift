import CacheEngine
import Glibc
import Synchronization
import SystemCalls

/// The thread that reclaims what has expired or was flushed, in small slices, and what is mapped
/// of the program and not in use. It uses a small part of one core at most.
struct Maintenance {
    let server: ServerState

    private static let passIntervalMs: UInt64 = 1000
    private static let releaseIntervalMs: UInt64 = 10_000

    func run() {
        // Locked memory (-k) stays where it is.
        let program = server.settings.lockMemory ? nil : ProgramPages.find()
        var nextReleaseMs: UInt64 = 0
        var pass = CacheEngine.MaintenancePass()
        while !server.isStopping.load(ordering: .relaxed) {
            let startMs = server.clock.now.milliseconds
            server.crawler.beginPass()
            while !server.isStopping.load(ordering: .relaxed) {
                let sliceStart = MonotonicClock.nanoseconds()
                let now = server.clock.now
                server.engine.advance(to: now)
                if server.engine.maintain(&pass, at: now) { break }
                // Rests ten times as long as it worked: a tenth of one core at the very most. A
                // limit that was lowered is worth half a core.
                let workedUs = (MonotonicClock.nanoseconds() - sliceStart) / 1000
                let rest: UInt32 = server.engine.isOverMemoryLimit ? 1 : 10
                usleep(UInt32(min(max(workedUs, 10), 10_000)) * rest)
            }
            server.crawler.endPass()
            server.watchers.tellEvictions()
            if let program, startMs >= nextReleaseMs {
                program.release()
                nextReleaseMs = startMs + Maintenance.releaseIntervalMs
            }
            let tookMs = server.clock.now.milliseconds - startMs
            var restMs = Maintenance.passIntervalMs - min(tookMs, Maintenance.passIntervalMs - 50)
            while restMs > 0, !server.isStopping.load(ordering: .relaxed),
                !server.crawler.isCrawlRequested
            {
                usleep(50_000)
                restMs -= min(restMs, 50)
            }
        }
    }
}
