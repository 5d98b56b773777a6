import CSystem
import Glibc
import SystemCalls

/// The programs that are compared.
enum ServerKind: String, CaseIterable {
    case cached, memcached, floor
    /// cached with `--eviction=s3fifo`.
    case cachedS3FIFO = "cached s3fifo"
}

/// Where the programs are.
struct ServerPrograms {
    var cached: String
    var memcached: String
    /// This program itself.
    var floor = "/proc/self/exe"

    func path(of kind: ServerKind) -> String {
        switch kind {
        case .cached, .cachedS3FIFO: cached
        case .memcached: memcached
        case .floor: floor
        }
    }

    /// Tells at once, and not after minutes, what is missing.
    func check(_ kinds: Set<ServerKind>) throws(CompareError) {
        for kind in ServerKind.allCases where kinds.contains(kind) {
            let path = path(of: kind)
            guard unsafe access(path, X_OK) == 0 else {
                let option = kind == .memcached ? "--memcached" : "--cached"
                throw .failed("there is no program \(path); name another with \(option)=PATH")
            }
        }
    }
}

/// How a server is to run.
struct ServerSetup {
    let kind: ServerKind
    var threads = 2
    var memoryMB = 64
    var connections = 4096
    /// Of the floor server's answers.
    var valueBytes = 32

    func arguments(port: Int) -> [String] {
        if kind == .floor {
            return [
                "floor", "--port=\(port)", "--threads=\(threads)", "--value-size=\(valueBytes)",
            ]
        }
        var words = [
            "-l", "127.0.0.1", "-p", "\(port)", "-U", "0", "-t", "\(threads)",
            "-m", "\(memoryMB)", "-c", "\(connections)",
        ]
        // memcached does not run as root without it.
        if geteuid() == 0 { words += ["-u", "root"] }
        if kind == .cachedS3FIFO { words.append("--eviction=s3fifo") }
        return words
    }
}

/// A server that runs until `stop`, or until nobody holds it.
final class RunningServer {
    let setup: ServerSetup
    let pid: pid_t
    let port: Int
    private var isRunning = true

    /// Below the ports that the kernel takes for outgoing connections, so that none of ours can
    /// come in between.
    private static let ports = 24_000..<25_000
    private static let startAttempts = 5
    private static let startSecondsMax: UInt64 = 20

    private init(_ setup: ServerSetup, pid: pid_t, port: Int) {
        self.setup = setup
        self.pid = pid
        self.port = port
    }

    deinit { stop() }

    func stop() {
        guard isRunning else { return }
        isRunning = false
        Children.end(pid)
    }

    /// Starts a server on a free port and waits until it answers.
    static func start(
        _ setup: ServerSetup, _ programs: ServerPrograms
    ) throws(CompareError) -> RunningServer {
        var output = ""
        for _ in 0..<startAttempts {
            let log = try TemporaryOutput()
            let port = try freePort()
            let pid = try Children.start(
                programs.path(of: setup.kind), setup.arguments(port: port),
                output: log.descriptor.number)
            let server = RunningServer(setup, pid: pid, port: port)
            if try server.waitUntilReady() { return server }
            // Another program may have taken the port meanwhile.
            output = log.lastLine
        }
        let reason = output.isEmpty ? "it ended at once" : output
        throw .failed("\(setup.kind.rawValue) does not start: \(reason)")
    }

    /// False if it ended by itself.
    private func waitUntilReady() throws(CompareError) -> Bool {
        let deadline = MonotonicClock.nanoseconds() + RunningServer.startSecondsMax * 1_000_000_000
        while MonotonicClock.nanoseconds() < deadline {
            if Children.hasEnded(pid) {
                isRunning = false
                return false
            }
            if answers() { return true }
            usleep(1000)
        }
        throw .failed("\(setup.kind.rawValue) started but does not answer at port \(port)")
    }

    /// Whether this very process answers, and not another that has taken its port.
    private func answers() -> Bool {
        do throws(Errno) {
            var client = try TextClient(port: port)
            return try client.statistics()["pid"] == "\(pid)"
        } catch {
            return false
        }
    }

    private nonisolated(unsafe) static var nextPort = ports.lowerBound

    static func freePort() throws(CompareError) -> Int {
        for _ in ports {
            let port = unsafe nextPort
            unsafe nextPort = port + 1 < ports.upperBound ? port + 1 : ports.lowerBound
            if let socket = try? Loopback.listen(port: port) {
                _ = consume socket
                return port
            }
        }
        throw .failed("no port from \(ports.lowerBound) to \(ports.upperBound - 1) is free")
    }

    // -- what it says of itself --

    func version() throws(CompareError) -> String {
        try ask { client throws(Errno) in try client.version() }
    }

    func statistics() throws(CompareError) -> [String: String] {
        try ask { client throws(Errno) in try client.statistics() }
    }

    func statistic(_ name: String) throws(CompareError) -> Int {
        guard let text = try statistics()[name], let number = Int(text) else {
            throw .failed("\(setup.kind.rawValue) does not tell its \(name)")
        }
        return number
    }

    private func ask<Answer>(
        _ question: (inout TextClient) throws(Errno) -> Answer
    ) throws(CompareError) -> Answer {
        do throws(Errno) {
            var client = try TextClient(port: port)
            return try question(&client)
        } catch {
            throw .failed("\(setup.kind.rawValue) does not answer: \(error)")
        }
    }

    /// Resident memory of the process.
    func residentBytes() throws(CompareError) -> Int {
        let bytes = ServerProcess(identifier: pid).residentBytes
        guard bytes > 0 else { throw .failed("\(setup.kind.rawValue) has ended") }
        return bytes
    }
}
