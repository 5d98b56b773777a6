import Glibc
import SystemCalls

/// A connection's way to its peer: the socket, and TLS on it if the listener asks for that.
/// Everything that a connection receives and sends passes here.
///
/// It never waits: where it would have to, it says so, and epoll reports when to try again.
struct Transport: ~Copyable {
    private let socket: FileDescriptor
    /// Nil if what is sent is not encrypted.
    private var session: TLSSession?

    /// - Parameter session: a session that was begun on this socket.
    init(_ socket: consuming FileDescriptor, _ session: TLSSession? = nil) {
        self.socket = socket
        self.session = session
    }

    /// The descriptor, as a name for the connection in logs and in epoll.
    var number: Int32 { socket.number }

    /// Receives into `buffer`, which is not empty.
    @inline(__always)
    mutating func receive(
        into buffer: UnsafeMutableRawBufferPointer
    ) -> FileDescriptor.Received {
        if let received = unsafe session?.receive(into: buffer) { return received }
        return unsafe socket.receive(into: buffer)
    }

    /// Whether a receive that brought `count` bytes into `room` may have left some behind. If not,
    /// epoll reports the next ones.
    @inline(__always)
    func mayHoldMore(after count: Int, room: Int) -> Bool {
        session?.mayHoldMore ?? (count == room)
    }

    /// Whether receiving waits for room to send, so that it is to be tried when there is some.
    @inline(__always)
    var wantsToWrite: Bool { session?.wantsToWrite ?? false }

    /// Sends as much of `bytes` as is taken at once. What is not taken must come first next time.
    @inline(__always)
    mutating func send(_ bytes: Span<UInt8>) -> FileDescriptor.Sent {
        if session != nil {
            return unsafe bytes.withUnsafeBytes { unsafe session?.send($0) } ?? .wouldBlock
        }
        return socket.send(bytes)
    }

    /// The same for the first `count` vectors.
    @inline(__always)
    mutating func send(
        _ vectors: UnsafeMutablePointer<iovec>, count: Int
    ) -> FileDescriptor.Sent {
        if let sent = unsafe session?.send(vectors, count: count) { return sent }
        return unsafe socket.send(vectors, count: count)
    }

    /// Whether nothing can be received or sent yet, because the two sides do not know each other.
    var isHandshaking: Bool { session?.isHandshaking ?? false }

    /// Counts a handshake that takes too long, as an error.
    func noteHandshakeTimeout() { session?.noteTimeout() }

    /// Memory that it takes beside the socket's own in the kernel.
    var memoryBytes: Int { session?.memoryBytes ?? 0 }

    /// Why a receive or a send has failed.
    func describe(_ error: Errno) -> String { session?.describe(error) ?? "\(error)" }

    /// Says goodbye. Nothing is received or sent after it.
    mutating func end() {
        session?.sayGoodbye()
        session = nil
    }
}
