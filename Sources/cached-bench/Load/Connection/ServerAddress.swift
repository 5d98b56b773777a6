import CSystem
import Glibc
import SystemCalls

/// Where a server is, resolved.
@safe
struct ServerAddress {
    private struct Candidate {
        let family: Int32
        let storage: sockaddr_storage
        let length: socklen_t
    }

    /// A name may stand for several; the first that accepts a connection is taken.
    private let candidates: [Candidate]
    let name: String
    /// On this machine, so that its process can be looked at.
    let isLocal: Bool

    private static let connectMsMax: Int32 = 10_000

    init(_ target: LoadPlan.Target) throws(BenchError) {
        switch target {
        case .tcp(let host, let port): try self.init(target.text, host: host, port: port)
        case .unix(let path): try self.init(path: path)
        }
    }

    private init(_ name: String, host: String, port: Int) throws(BenchError) {
        self.name = name
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, String(port), &hints, &found)
        defer { if let found = unsafe found { unsafe freeaddrinfo(found) } }
        guard status == 0 else {
            let reason = unsafe gai_strerror(status).map { unsafe String(cString: $0) }
            throw BenchError("cannot find \(name): \(reason ?? "no such host")")
        }
        var candidates: [Candidate] = []
        var entry = unsafe found
        while let current = unsafe entry {
            if let candidate = unsafe Self.candidate(current.pointee) {
                candidates.append(candidate)
            }
            unsafe entry = current.pointee.ai_next
        }
        self.candidates = candidates
        isLocal = candidates.contains { Self.isLoopback($0.storage) }
    }

    private static func candidate(_ info: addrinfo) -> Candidate? {
        guard let address = unsafe info.ai_addr else { return nil }
        var copy = sockaddr_storage()
        let size = unsafe min(info.ai_addrlen, socklen_t(MemoryLayout<sockaddr_storage>.size))
        unsafe withUnsafeMutableBytes(of: &copy) { target in
            // SAFETY: the length is cut to what both have.
            unsafe target.copyMemory(
                from: UnsafeRawBufferPointer(start: address, count: Int(size)))
        }
        return Candidate(family: unsafe info.ai_family, storage: copy, length: size)
    }

    private init(path: String) throws(BenchError) {
        name = path
        isLocal = true
        guard var address = UnixAddress.make(path) else {
            throw BenchError("the path \(path) is too long for a unix socket")
        }
        var copy = sockaddr_storage()
        unsafe withUnsafeMutableBytes(of: &copy) { target in
            unsafe withUnsafeBytes(of: &address) { unsafe target.copyMemory(from: $0) }
        }
        candidates = [
            Candidate(
                family: AF_UNIX, storage: copy,
                length: socklen_t(MemoryLayout<sockaddr_un>.size))
        ]
    }

    /// 127.0.0.0/8 or ::1.
    private static func isLoopback(_ address: sockaddr_storage) -> Bool {
        unsafe withUnsafeBytes(of: address) { bytes in
            if address.ss_family == sa_family_t(AF_INET) { return unsafe bytes[4] == 127 }
            guard address.ss_family == sa_family_t(AF_INET6) else { return false }
            return unsafe bytes[8..<23].allSatisfy { $0 == 0 } && bytes[23] == 1
        }
    }

    /// Opens a connection that never blocks and sends without delay.
    func connect() throws(BenchError) -> FileDescriptor {
        var failure = failed("it has no address")
        for candidate in candidates {
            do throws(BenchError) {
                return try connect(to: candidate)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private func connect(to candidate: Candidate) throws(BenchError) -> FileDescriptor {
        let number = cs_socket(candidate.family, Int32(SOCK_STREAM.rawValue))
        guard number >= 0 else { throw BenchError("cannot make a socket: \(Errno.last)") }
        let socket = FileDescriptor(owning: number)
        let status = attempt(number, candidate)
        if status.code == EINPROGRESS {
            try finish(number)
        } else if status.code != 0 {
            throw failed("\(status)")
        }
        if candidate.family != AF_UNIX {
            var one: Int32 = 1
            _ = unsafe setsockopt(
                number, Int32(IPPROTO_TCP), TCP_NODELAY, &one,
                socklen_t(MemoryLayout<Int32>.size))
        }
        return socket
    }

    private func attempt(_ number: Int32, _ candidate: Candidate) -> Errno {
        var copy = candidate.storage
        let deadline = MonotonicClock.nanoseconds() &+ UInt64(Self.connectMsMax) * 1_000_000
        // SAFETY: a sockaddr_storage may be read as any of the addresses that it holds.
        return unsafe withUnsafePointer(to: &copy) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                while true {
                    if unsafe Glibc.connect(number, address, candidate.length) == 0 {
                        return Errno(code: 0)
                    }
                    let error = Errno.last
                    // The backlog of a unix socket is full: there is no event to wait for.
                    if error.code == EAGAIN, MonotonicClock.nanoseconds() < deadline {
                        usleep(1000)
                        continue
                    }
                    if !error.isInterruption { return error }
                }
            }
        }
    }

    private func finish(_ number: Int32) throws(BenchError) {
        var entry = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        while true {
            let ready = unsafe poll(&entry, 1, Self.connectMsMax)
            if ready > 0 { break }
            if ready < 0, Errno.last.isInterruption { continue }
            throw failed("no answer in \(Self.connectMsMax / 1000) s")
        }
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(number, SOL_SOCKET, SO_ERROR, &error, &size)
        if error != 0 { throw failed("\(Errno(code: error))") }
    }

    private func failed(_ reason: String) -> BenchError {
        BenchError("cannot connect to \(name): \(reason)")
    }
}
