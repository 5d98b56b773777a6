import CSystem
import Glibc
import SystemCalls

/// One event loop of the floor server: a receive and a send per wake-up.
@safe
struct FloorWorker: ~Copyable {
    private let epoll: Int32
    private let events: UnsafeMutablePointer<cs_event>
    /// What is executed: what a connection kept, then what it just received.
    let input: UnsafeMutablePointer<UInt8>
    let output: UnsafeMutablePointer<UInt8>
    var outputCount = 0
    let value: FloorValue
    /// By descriptor: a number is used for one connection at a time.
    private var connections: [UnsafeMutablePointer<FloorConnection>] = unsafe []

    static let receiveBytes = 64 << 10
    /// Longer lines without an end are nonsense; the keys of a get don't count.
    static let lineBytesMax = 2048
    static let keyBytesMax = 250
    static let outputBytes = 256 << 10
    /// What any single reply has room in, a copied value besides.
    static let replyBytesMax = 8 << 10
    /// A blocked connection keeps what it received, and before that the beginning of a line.
    static let inputBytes = receiveBytes + lineBytesMax

    init(epoll: Int32, value: FloorValue) {
        self.epoll = epoll
        self.value = value
        unsafe events = .allocate(capacity: Int(CS_MAX_EVENTS))
        unsafe input = .allocate(capacity: FloorWorker.inputBytes)
        unsafe output = .allocate(capacity: FloorWorker.outputBytes)
    }

    mutating func run() {
        while true {
            let count = unsafe cs_epoll_wait(epoll, events, -1)
            for position in 0..<Int(max(count, 0)) {
                let descriptor = unsafe Int32(truncatingIfNeeded: events[position].token)
                serve(descriptor)
            }
        }
    }

    private mutating func serve(_ descriptor: Int32) {
        let connection = unsafe connection(of: descriptor)
        outputCount = 0
        let wasBlocked = unsafe connection.pointee.isBlocked
        if wasBlocked {
            switch unsafe sendPending(descriptor, &connection.pointee) {
            case .blocked: return
            case .failed: return unsafe end(descriptor, &connection.pointee)
            case .done: break
            }
        }
        var count = unsafe takeKept(&connection.pointee)
        // One that was blocked has first to get through what it kept.
        if !wasBlocked {
            let received = unsafe recv(
                descriptor, input + count, FloorWorker.inputBytes - count, 0)
            guard received > 0 else {
                let error = Errno.last
                if received < 0, error.wouldBlock || error.isInterruption {
                    return unsafe keep(&connection.pointee, from: 0, to: count)
                }
                return unsafe end(descriptor, &connection.pointee)
            }
            count += received
        }
        let isOpen = unsafe finish(descriptor, &connection.pointee, count)
        guard isOpen else { return unsafe end(descriptor, &connection.pointee) }
        let isBlocked = unsafe connection.pointee.isBlocked
        if isBlocked != wasBlocked {
            let interest = UInt32(isBlocked ? CS_WRITABLE : CS_READABLE)
            let token = UInt64(UInt32(bitPattern: descriptor))
            _ = cs_epoll_modify(epoll, descriptor, interest, token)
        }
    }

    /// Executes the input and sends the replies. False: the connection is at its end.
    private mutating func finish(
        _ descriptor: Int32, _ connection: inout FloorConnection, _ count: Int
    ) -> Bool {
        guard case .used(let used) = execute(descriptor, &connection, count) else {
            _ = send(descriptor, &connection)
            return false
        }
        if !connection.isBlocked {
            guard send(descriptor, &connection) != .failed else { return false }
        }
        // A line that fills the room for lines will not become a request. Without that much of
        // it, there is room for all that a receive brings.
        guard connection.isBlocked || count - used <= FloorWorker.lineBytesMax else { return false }
        keep(&connection, from: used, to: count)
        return true
    }

    // -- connections --

    /// They are made when their descriptor is first seen, and used again with it.
    private mutating func connection(
        of descriptor: Int32
    ) -> UnsafeMutablePointer<FloorConnection> {
        let slot = Int(descriptor)
        while unsafe slot >= connections.count {
            let fresh = UnsafeMutablePointer<FloorConnection>.allocate(capacity: 1)
            unsafe fresh.initialize(to: FloorConnection())
            unsafe connections.append(fresh)
        }
        return unsafe connections[slot]
    }

    private func end(_ descriptor: Int32, _ connection: inout FloorConnection) {
        // Before the descriptor is closed, because another thread may be given its number then,
        // but never this connection: that is its worker's.
        connection = FloorConnection()
        close(descriptor)
    }

    /// Puts what the connection kept in front of what it receives.
    private func takeKept(_ connection: inout FloorConnection) -> Int {
        let count = connection.kept.count
        guard count > 0 else { return 0 }
        unsafe connection.kept.withUnsafeBufferPointer { kept in
            // SAFETY: it comes from the input, so the input has room for it.
            if let base = kept.baseAddress { unsafe input.update(from: base, count: count) }
        }
        connection.kept = []
        return count
    }

    private func keep(_ connection: inout FloorConnection, from start: Int, to end: Int) {
        guard start < end else { return }
        connection.kept = unsafe Array(
            UnsafeBufferPointer(start: input + start, count: end - start))
    }

    // -- sending --

    enum Sent { case done, blocked, failed }

    /// Sends the replies, and behind them part of the value's block; what the socket does not take
    /// waits with the connection.
    mutating func send(
        _ descriptor: Int32, _ connection: inout FloorConnection, tail: Range<Int> = 0..<0
    ) -> Sent {
        let total = outputCount + tail.count
        if total == 0 { return .done }
        let sent = unsafe sendVectors(descriptor, output, outputCount, tail)
        if sent == total {
            outputCount = 0
            return .done
        }
        if sent < 0 { return .failed }
        let fromOutput = min(sent, outputCount)
        connection.pending = unsafe Array(
            UnsafeBufferPointer(start: output + fromOutput, count: outputCount - fromOutput))
        connection.pendingTail = tail.dropFirst(sent - fromOutput)
        outputCount = 0
        return .blocked
    }

    private func sendPending(_ descriptor: Int32, _ connection: inout FloorConnection) -> Sent {
        let count = connection.pending.count
        let tail = connection.pendingTail
        let sent = unsafe connection.pending.withUnsafeBufferPointer { bytes in
            unsafe sendVectors(descriptor, bytes.baseAddress, count, tail)
        }
        if sent < 0 { return .failed }
        let fromPending = min(sent, count)
        if fromPending > 0 { connection.pending.removeFirst(fromPending) }
        connection.pendingTail = tail.dropFirst(sent - fromPending)
        return connection.isBlocked ? .blocked : .done
    }

    /// - Returns: bytes sent, 0 if the socket is full, -1 if it is broken.
    private func sendVectors(
        _ descriptor: Int32, _ bytes: UnsafePointer<UInt8>?, _ count: Int, _ tail: Range<Int>
    ) -> Int {
        let sent: Int
        if tail.isEmpty {
            sent = unsafe cs_send(descriptor, bytes, count)
        } else {
            // SAFETY: the kernel only reads from the vectors, and the tail is within the block.
            var vectors = unsafe (
                iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes), iov_len: count),
                iovec(iov_base: value.start + tail.lowerBound, iov_len: tail.count)
            )
            sent = unsafe withUnsafeMutablePointer(to: &vectors) { pair in
                unsafe pair.withMemoryRebound(to: iovec.self, capacity: 2) {
                    unsafe cs_sendv(descriptor, $0, 2)
                }
            }
        }
        if sent >= 0 { return sent }
        let error = Errno.last
        return error.wouldBlock || error.isInterruption ? 0 : -1
    }
}
