import Glibc
import SystemCalls

/// How long a server takes until it serves.
enum StartScenario {
    private static let starts = 20
    private static let secondsMax: UInt64 = 10

    static let scenario = Scenario(
        name: "start",
        title: "From fork and exec to the first answer to `version`, which is asked for over and "
            + "over; \(starts) starts each.",
        servers: [.cached, .memcached, .floor]
    ) { run, report throws(CompareError) in
        for turn in 0..<(run.options.isQuick ? 3 : starts) {
            for kind in CompareRun.rotated(report.servers, by: turn) {
                report.record(.startMs, kind, try millisecondsToAnswer(run, kind))
            }
        }
        report.addGoal(.startMs, .atMost(10))
    }

    private static func millisecondsToAnswer(
        _ run: CompareRun, _ kind: ServerKind
    ) throws(CompareError) -> Double {
        let setup = ServerSetup(kind: kind)
        let output = try TemporaryOutput()
        let port = try RunningServer.freePort()
        let path = run.options.programs.path(of: kind)
        let arguments = setup.arguments(port: port)
        let begin = MonotonicClock.nanoseconds()
        let pid = try Children.start(path, arguments, output: output.descriptor.number)
        defer { Children.end(pid) }
        while true {
            do throws(Errno) {
                var client = try TextClient(port: port)
                _ = try client.version()
                return Double(MonotonicClock.nanoseconds() - begin) / 1e6
            } catch {
                // It does not listen yet.
            }
            guard MonotonicClock.nanoseconds() - begin < secondsMax * 1_000_000_000 else {
                throw .failed("\(kind.rawValue) does not answer: \(output.lastLine)")
            }
        }
    }
}
