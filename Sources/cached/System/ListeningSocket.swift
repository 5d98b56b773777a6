import CSystem
import Glibc
import SystemCalls

/// Why a socket cannot be listened on, as one line for the operator.
struct StartupError: Error {
    let message: String
}

/// A socket that accepts connections.
struct ListeningSocket: ~Copyable {
    let descriptor: FileDescriptor
    /// As `stats conns` shows it.
    let name: String
    let isTCP: Bool
    /// "INET" or "INET6" for TCP.
    let family: String
    let port: Int
    /// Only this machine can connect.
    let isLocal: Bool

    /// Hands the descriptor to someone else, who closes it.
    consuming func release() -> Int32 { descriptor.release() }

    /// Opens every address that `address` resolves to.
    static func openTCP(
        _ address: ListenAddress, backlog: Int, _ use: (consuming ListeningSocket) -> Void
    ) throws(StartupError) {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_PASSIVE
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(address.host, String(address.port), &hints, &found)
        guard status == 0 else {
            let reason = unsafe gai_strerror(status).map { unsafe String(cString: $0) }
            throw StartupError(
                message: "cannot listen on \(address): \(reason ?? "no such address"); "
                    + "give an address or name of this machine with --listen")
        }
        defer { unsafe freeaddrinfo(found) }
        var opened = 0
        var lastError = Errno(code: EADDRNOTAVAIL)
        var entry = unsafe found
        while let current = unsafe entry {
            do throws(Errno) {
                let socket = try unsafe open(current.pointee, backlog: backlog)
                use(socket)
                opened += 1
            } catch {
                lastError = error
                // An address family that this machine lacks is no reason to stop.
                guard error.code == EADDRNOTAVAIL || error.code == EAFNOSUPPORT else {
                    throw refused(address, error)
                }
            }
            unsafe entry = current.pointee.ai_next
        }
        if opened == 0 { throw refused(address, lastError) }
    }

    private static func refused(_ address: ListenAddress, _ error: Errno) -> StartupError {
        let advice =
            switch error.code {
            case EADDRINUSE: "; stop what uses this port, or choose another with --port"
            case EACCES: "; ports under 1024 need the right to bind them"
            default: ""
            }
        return StartupError(message: "cannot listen on \(address): \(error)\(advice)")
    }

    private static func open(
        _ info: addrinfo, backlog: Int
    ) throws(Errno) -> ListeningSocket {
        let number = unsafe cs_socket(info.ai_family, info.ai_socktype)
        guard number >= 0 else { throw Errno.last }
        let descriptor = FileDescriptor(owning: number)
        enable(number, SOL_SOCKET, SO_REUSEADDR)
        enable(number, SOL_SOCKET, SO_KEEPALIVE)
        // Accepted sockets inherit it, which saves a system call for each.
        enable(number, Int32(IPPROTO_TCP), TCP_NODELAY)
        if unsafe info.ai_family == AF_INET6 { enable(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY) }
        guard unsafe bind(number, info.ai_addr, info.ai_addrlen) == 0 else { throw Errno.last }
        guard listen(number, Int32(clamping: backlog)) == 0 else { throw Errno.last }
        let address = SocketAddress.local(of: number)
        return ListeningSocket(
            descriptor: descriptor, name: address.description, isTCP: true,
            family: unsafe info.ai_family == AF_INET6 ? "INET6" : "INET", port: address.port,
            isLocal: address.isLoopback)
    }

    private static func enable(_ number: Int32, _ level: Int32, _ option: Int32) {
        var one: Int32 = 1
        _ = unsafe setsockopt(number, level, option, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Listens on a unix socket. What a dead server left under the path is replaced; a socket
    /// that answers, or a file that is no socket, is not.
    static func openUnix(
        path: String, mode: UInt32, backlog: Int
    ) throws(StartupError) -> ListeningSocket {
        guard var address = UnixAddress.make(path) else {
            throw StartupError(message: "cannot listen on \(path): the path is too long")
        }
        try removeStale(path, &address)
        let number = cs_socket(AF_UNIX, Int32(SOCK_STREAM.rawValue))
        guard number >= 0 else {
            throw StartupError(message: "cannot listen on \(path): \(Errno.last)")
        }
        let descriptor = FileDescriptor(owning: number)
        // At start there is one thread, so the mask is nobody else's.
        let before = umask(~mode & 0o777)
        let isBound = unsafe cs_bind_unix(number, &address) == 0
        let error = Errno.last
        umask(before)
        guard isBound, listen(number, Int32(clamping: backlog)) == 0 else {
            throw StartupError(
                message: "cannot listen on \(path): \(isBound ? Errno.last : error); "
                    + "the directory must exist and be writable for this user")
        }
        return ListeningSocket(
            descriptor: descriptor, name: "unix:\(path)", isTCP: false, family: "UNIX", port: 0,
            isLocal: true)
    }

    private static func removeStale(
        _ path: String, _ address: inout sockaddr_un
    ) throws(StartupError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw StartupError(
                message: "cannot listen on \(path): it exists and is not a socket")
        }
        let probe = cs_socket(AF_UNIX, Int32(SOCK_STREAM.rawValue))
        guard probe >= 0 else { return }
        let owner = FileDescriptor(owning: probe)
        let isAlive = unsafe cs_connect_unix(owner.number, &address) == 0 || errno == EAGAIN
        if isAlive {
            throw StartupError(
                message: "cannot listen on \(path): another server answers there; "
                    + "stop it, or choose another path with --unix-socket")
        }
        guard unsafe unlink(path) == 0 else {
            throw StartupError(message: "cannot replace the socket \(path): \(Errno.last)")
        }
    }
}

/// An address as memcached's `stats conns` shows it.
struct SocketAddress: CustomStringConvertible {
    let description: String
    /// The address alone; `unix` for a unix socket, empty if it is not known.
    let host: String
    let port: Int
    /// Of this machine: of a unix socket.
    let isLocal: Bool
    /// 127.0.0.0/8 or ::1.
    var isLoopback = false

    static func local(of descriptor: Int32) -> SocketAddress {
        unsafe named { address, length in unsafe getsockname(descriptor, address, length) }
    }

    static func peer(of descriptor: Int32) -> SocketAddress {
        unsafe named { address, length in unsafe getpeername(descriptor, address, length) }
    }

    private static func named(
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> SocketAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: a sockaddr_storage is large enough for, and laid out to be read as, each kind.
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard unsafe call(address, &length) == 0 else {
                    return SocketAddress(
                        description: "<error>", host: "", port: 0, isLocal: false)
                }
                return unsafe describe(pointer, address, length)
            }
        }
    }

    private static func describe(
        _ storage: UnsafeMutablePointer<sockaddr_storage>,
        _ address: UnsafeMutablePointer<sockaddr>, _ length: socklen_t
    ) -> SocketAddress {
        let family = unsafe Int32(storage.pointee.ss_family)
        if family == AF_UNIX {
            let path = unsafe storage.withMemoryRebound(to: sockaddr_un.self, capacity: 1) {
                unsafe withUnsafeBytes(of: &$0.pointee.sun_path) { bytes in
                    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
            }
            return SocketAddress(
                description: "unix:\(path)", host: "unix", port: 0, isLocal: true)
        }
        let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { host in
            unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16) { port in
                let status = unsafe getnameinfo(
                    address, length, host.baseAddress, 64, port.baseAddress, 16,
                    NI_NUMERICHOST | NI_NUMERICSERV)
                guard status == 0, let hostStart = host.baseAddress,
                    let portStart = port.baseAddress
                else { return ("<error>", "0") }
                return unsafe (String(cString: hostStart), String(cString: portStart))
            }
        }
        let name = family == AF_INET6 ? "tcp6:[\(text.0)]:\(text.1)" : "tcp:\(text.0):\(text.1)"
        // Digits, not a name: of 127.0.0.0/8, or ::1.
        let isLoopback = family == AF_INET6 ? text.0 == "::1" : text.0.hasPrefix("127.")
        return SocketAddress(
            description: name, host: text.0, port: Int(text.1) ?? 0, isLocal: false,
            isLoopback: isLoopback)
    }
}
