import Glibc

/// What a system call left in errno.
package struct Errno: Error, Equatable, CustomStringConvertible {
    package let code: Int32

    package init(code: Int32) { self.code = code }

    package static var last: Errno { Errno(code: errno) }

    package var description: String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    package var wouldBlock: Bool { code == EAGAIN || code == EWOULDBLOCK }
    package var isInterruption: Bool { code == EINTR }
}
