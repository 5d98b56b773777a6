import CSystem
import Glibc

/// An open file descriptor; it is closed when its owner goes away.
package struct FileDescriptor: ~Copyable {
    package let number: Int32

    /// Takes over a descriptor that nobody else closes.
    package init(owning number: Int32) { self.number = number }

    deinit {
        // Nothing can be done about an error here; on Linux the descriptor is closed anyway.
        _ = close(number)
    }

    /// Hands the descriptor to someone else, who closes it.
    package consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    /// What one receive brought.
    package enum Received {
        case bytes(Int)
        case endOfStream
        case wouldBlock
        case failed(Errno)
    }

    /// Receives into `buffer`, which is not empty.
    package borrowing func receive(into buffer: UnsafeMutableRawBufferPointer) -> Received {
        while true {
            let count = unsafe recv(number, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .endOfStream }
            let error = Errno.last
            if error.isInterruption { continue }
            return error.wouldBlock ? .wouldBlock : .failed(error)
        }
    }

    package enum Sent {
        case bytes(Int)
        case wouldBlock
        case failed(Errno)
    }

    package borrowing func send(_ bytes: Span<UInt8>) -> Sent {
        unsafe bytes.withUnsafeBytes { buffer in
            sent { unsafe cs_send(number, buffer.baseAddress, buffer.count) }
        }
    }

    /// Sends the first `count` vectors.
    package borrowing func send(_ vectors: UnsafeMutablePointer<iovec>, count: Int) -> Sent {
        sent { unsafe cs_sendv(number, vectors, count) }
    }

    private borrowing func sent(_ call: () -> Int) -> Sent {
        while true {
            let count = call()
            if count >= 0 { return .bytes(count) }
            let error = Errno.last
            if error.isInterruption { continue }
            return error.wouldBlock ? .wouldBlock : .failed(error)
        }
    }
}
