import Glibc

/// What a system call left in errno.
struct Errno: Error, Equatable, CustomStringConvertible {
    let code: Int32

    static var last: Errno { Errno(code: errno) }

    var description: String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    var wouldBlock: Bool { code == EAGAIN || code == EWOULDBLOCK }
    var isInterruption: Bool { code == EINTR }
}
