import CSystem
import Glibc
import SystemCalls

/// TCP sockets on 127.0.0.1.
enum Loopback {
    static func address(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(clamping: port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return address
    }

    /// A blocking socket that accepts connections at `port`.
    static func listen(port: Int) throws(Errno) -> FileDescriptor {
        let socket = try blockingSocket()
        enable(socket, SOL_SOCKET, SO_REUSEADDR)
        // Accepted sockets inherit it.
        enable(socket, Int32(IPPROTO_TCP), TCP_NODELAY)
        let number = socket.number
        guard unsafe with(port, { unsafe bind(number, $0, $1) }) == 0 else { throw Errno.last }
        guard Glibc.listen(socket.number, 1024) == 0 else { throw Errno.last }
        return socket
    }

    /// A connected, blocking socket.
    static func connect(port: Int) throws(Errno) -> FileDescriptor {
        let socket = try blockingSocket()
        enable(socket, Int32(IPPROTO_TCP), TCP_NODELAY)
        guard unsafe with(port, { unsafe Glibc.connect(socket.number, $0, $1) }) == 0 else {
            throw Errno.last
        }
        return socket
    }

    private static func blockingSocket() throws(Errno) -> FileDescriptor {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let number = socket(AF_INET, kind, 0)
        guard number >= 0 else { throw Errno.last }
        return FileDescriptor(owning: number)
    }

    private static func enable(
        _ socket: borrowing FileDescriptor, _ level: Int32, _ option: Int32
    ) {
        var one: Int32 = 1
        _ = unsafe setsockopt(
            socket.number, level, option, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func with(
        _ port: Int, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = address(port: port)
        let size = MemoryLayout<sockaddr_in>.size
        return unsafe withUnsafePointer(to: &address) { pointer in
            // SAFETY: every sockaddr_in is a sockaddr; the size goes with it.
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe call($0, socklen_t(size))
            }
        }
    }
}
