import Glibc
import SystemCalls

/// A connection for a few questions in the text protocol.
struct TextClient: ~Copyable {
    private let socket: FileDescriptor
    private var received: [UInt8] = []

    /// A server that sends nothing for so long is not waited for: ETIMEDOUT.
    static let silenceSecondsMax = 10
    /// What a server has to say is shorter, and has fewer lines; more of it is EMSGSIZE.
    private static let lineBytesMax = 64 << 10
    private static let linesMax = 10_000

    /// - Parameter socket: a connected one, blocking or not.
    init(_ socket: consuming FileDescriptor) { self.socket = socket }

    /// To a server on 127.0.0.1.
    init(port: Int) throws(Errno) { socket = try Loopback.connect(port: port) }

    /// Hands the connection to someone else, who closes it.
    consuming func release() -> Int32 { socket.release() }

    /// What `version` is answered with, after the word VERSION.
    mutating func version() throws(Errno) -> String {
        try send("version\r\n")
        let line = try readLine()
        return line.hasPrefix("VERSION ") ? String(line.dropFirst(8)) : line
    }

    /// What `stats` is answered with, by name; empty if that is no statistics.
    mutating func statistics() throws(Errno) -> [String: String] {
        try send("stats\r\n")
        var found: [String: String] = [:]
        for _ in 0..<Self.linesMax {
            let words = try readLine().split(separator: " ", maxSplits: 2)
            guard words.count == 3, words[0] == "STAT" else { return found }
            found[String(words[1])] = String(words[2])
        }
        throw Errno(code: EMSGSIZE)
    }

    private borrowing func send(_ text: String) throws(Errno) {
        let bytes = Array(text.utf8)
        // So little always fits in the socket's buffer.
        guard case .bytes(bytes.count) = socket.send(bytes.span) else { throw Errno.last }
    }

    private mutating func readLine() throws(Errno) -> String {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = received[..<end].filter { $0 != UInt8(ascii: "\r") }
                received.removeFirst(end + 1)
                return String(decoding: line, as: UTF8.self)
            }
            guard received.count < Self.lineBytesMax else { throw Errno(code: EMSGSIZE) }
            try waitForInput()
            var buffer = [UInt8](repeating: 0, count: 4096)
            let result = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe socket.receive(into: bytes)
            }
            switch result {
            case .bytes(let count): received += buffer[..<count]
            case .endOfStream: throw Errno(code: ECONNRESET)
            case .wouldBlock: continue
            case .failed(let error): throw error
            }
        }
    }

    private borrowing func waitForInput() throws(Errno) {
        var entry = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
        while true {
            let ready = unsafe poll(&entry, 1, Int32(Self.silenceSecondsMax) * 1000)
            if ready > 0 { return }
            if ready == 0 { throw Errno(code: ETIMEDOUT) }
            let error = Errno.last
            if !error.isInterruption { throw error }
        }
    }
}
