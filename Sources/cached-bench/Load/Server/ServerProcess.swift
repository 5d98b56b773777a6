import Glibc
import SystemCalls

/// The process of a server on this machine.
struct ServerProcess: Sendable {
    let identifier: Int32

    /// The one that the plan names, or that a local server calls its own; nil if it is not known.
    static func find(
        _ plan: LoadPlan, _ address: ServerAddress
    ) throws(BenchError) -> ServerProcess? {
        if let identifier = plan.serverPID {
            guard CPUClock.process(identifier) != nil else {
                throw BenchError("there is no process \(identifier)")
            }
            return ServerProcess(identifier: identifier)
        }
        guard address.isLocal else { return nil }
        guard let text = try identifierText(of: address), let identifier = Int32(text),
            identifier > 0, CPUClock.process(identifier) != nil
        else { return nil }
        return ServerProcess(identifier: identifier)
    }

    /// What the server's `stats` have for its process; nil if it has no such thing to say.
    private static func identifierText(of address: ServerAddress) throws(BenchError) -> String? {
        var client = TextClient(try address.connect())
        do throws(Errno) {
            return try client.statistics()["pid"]
        } catch {
            guard error.code == ETIMEDOUT else { return nil }
            throw BenchError(
                "\(address.name) did not answer to stats in \(TextClient.silenceSecondsMax) s; they "
                    + "are not asked for when --server-pid names its process")
        }
    }

    /// CPU time used so far, in nanoseconds; 0 once the process is gone.
    var cpuNanoseconds: UInt64 { CPUClock.process(identifier) ?? 0 }

    /// Memory that the process has in RAM: `Rss` of smaps_rollup, which is exact, or else that of
    /// statm, which may be some pages behind. 0 if neither can be read.
    var residentBytes: Int {
        let rollup = Self.read("/proc/\(identifier)/smaps_rollup")
        for line in rollup.split(separator: UInt8(ascii: "\n"))
        where line.starts(with: "Rss:".utf8) {
            let words = line.split(separator: UInt8(ascii: " "))
            if words.count >= 2, let kilobytes = Int(String(decoding: words[1], as: UTF8.self)) {
                return kilobytes * 1024
            }
        }
        let fields = Self.read("/proc/\(identifier)/statm").split(separator: UInt8(ascii: " "))
        guard fields.count >= 2, let pages = Int(String(decoding: fields[1], as: UTF8.self))
        else { return 0 }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    /// The beginning of a small file.
    private static func read(_ path: String) -> [UInt8] {
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return [] }
        let file = FileDescriptor(owning: number)
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = unsafe Glibc.read(file.number, &bytes, bytes.count)
        return count > 0 ? Array(bytes[..<count]) : []
    }
}
