import Glibc
import SystemCalls

/// A connection's way to its peer. Everything that a connection receives and sends passes here.
///
/// It never waits: where it would have to, it says so, and epoll reports when to try again.
struct Transport: ~Copyable {
    private let socket: FileDescriptor

    init(_ socket: consuming FileDescriptor) {
        self.socket = socket
    }

    /// The descriptor, as a name for the connection in logs and in epoll.
    var number: Int32 { socket.number }

    /// Receives into `buffer`, which is not empty.
    @inline(__always)
    mutating func receive(
        into buffer: UnsafeMutableRawBufferPointer
    ) -> FileDescriptor.Received {
        unsafe socket.receive(into: buffer)
    }

    /// Whether a receive that brought `count` bytes into `room` may have left some behind. If not,
    /// epoll reports the next ones.
    @inline(__always)
    func mayHoldMore(after count: Int, room: Int) -> Bool { count == room }

    /// Sends as much of `bytes` as is taken at once.
    @inline(__always)
    mutating func send(_ bytes: Span<UInt8>) -> FileDescriptor.Sent { socket.send(bytes) }

    /// The same for the first `count` vectors.
    @inline(__always)
    mutating func send(
        _ vectors: UnsafeMutablePointer<iovec>, count: Int
    ) -> FileDescriptor.Sent {
        unsafe socket.send(vectors, count: count)
    }
}
