import CSystem
import Glibc
import SystemCalls

/// On what was measured, and what.
struct Machine {
    struct Fact {
        let name: String
        let value: String
    }

    let facts: [Fact]

    /// Asks the kernel, and the programs for their versions.
    init(_ programs: ServerPrograms, _ kinds: Set<ServerKind>) throws(CompareError) {
        var facts = [
            Fact(name: "processor", value: Machine.processor),
            Fact(name: "cores", value: "\(sysconf(Int32(_SC_NPROCESSORS_ONLN)))"),
            Fact(name: "memory", value: Machine.memory),
            Fact(name: "kernel", value: Machine.kernel),
        ]
        for kind in [ServerKind.cached, .memcached] where kinds.contains(kind) {
            let version = try Machine.version(programs.path(of: kind))
            facts.append(Fact(name: kind.rawValue, value: version))
        }
        facts.append(Fact(name: "date", value: Machine.date))
        self.facts = facts
    }

    private static var processor: String {
        field("model name", of: "/proc/cpuinfo") ?? "unknown"
    }

    private static var memory: String {
        let words = field("MemTotal", of: "/proc/meminfo")?.split(separator: " ") ?? []
        guard let first = words.first, let kilobytes = Double(first) else { return "unknown" }
        return Numerals.fixed(kilobytes / 1_048_576, 1) + " GB"
    }

    private static var kernel: String {
        let release = TextFile.read("/proc/sys/kernel/osrelease") ?? "unknown"
        return "Linux " + release.filter { $0 != "\n" }
    }

    /// The first line `NAME : VALUE` of a file.
    private static func field(_ name: String, of path: String) -> String? {
        for line in (TextFile.read(path) ?? "").split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let found = line[..<colon].filter { $0 != "\t" }
            guard found == name else { continue }
            return String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        return nil
    }

    private static var date: String {
        var now = time(nil)
        var parts = unsafe tm()
        guard unsafe gmtime_r(&now, &parts) != nil else { return "unknown" }
        let (year, month, day) = unsafe (parts.tm_year, parts.tm_mon, parts.tm_mday)
        func padded(_ number: Int32) -> String { (number < 10 ? "0" : "") + "\(number)" }
        return "\(year + 1900)-\(padded(month + 1))-\(padded(day))"
    }

    private static func version(_ path: String) throws(CompareError) -> String {
        let output = try TemporaryOutput()
        let pid = try Children.start(path, ["-V"], output: output.descriptor.number)
        let deadline = MonotonicClock.nanoseconds() + 5_000_000_000
        while !Children.hasEnded(pid) {
            guard MonotonicClock.nanoseconds() < deadline else {
                Children.end(pid)
                throw .failed("\(path) -V does not come to an end")
            }
            usleep(1000)
        }
        return output.text.split(separator: "\n").first.map { String($0) } ?? "unknown"
    }
}

/// A file without a name, for what a program prints.
struct TemporaryOutput: ~Copyable {
    let descriptor: FileDescriptor

    init() throws(CompareError) {
        let number = unsafe cs_memory_file("output")
        guard number >= 0 else { throw .failed("cannot make a file: \(Errno.last)") }
        descriptor = FileDescriptor(owning: number)
    }

    /// Its beginning.
    var text: String {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe pread(descriptor.number, bytes.baseAddress, bytes.count, 0)
        }
        return String(decoding: buffer[..<max(count, 0)], as: UTF8.self)
    }

    /// What a program that fails says last is why.
    var lastLine: String { text.split(separator: "\n").last.map { String($0) } ?? "" }
}
