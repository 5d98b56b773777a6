import SystemCalls

/// What a thread receives, for one connection after the other. The beginning of a line (or of a
/// binary header) whose end has not come yet is kept by its connection, and put before what comes
/// next.
///
/// ```text
///  ┌──────────────────┬──────────────────────────────────────────┐
///  │      line so far │ received                                 │
///  └──────────────────┴──────────────────────────────────────────┘
///   lineBytesMax       receiveBytes
/// ```
@safe
struct ReplyInput: ~Copyable {
    /// No reply's line is longer: a key, three numbers, or the text of an error. Nor is a binary
    /// header with what the parser waits for behind it.
    static let lineBytesMax = 4096
    private static let receiveBytes = 256 << 10

    private let storage: UnsafeMutableRawPointer
    private var start = lineBytesMax
    private var end = lineBytesMax

    init() {
        unsafe storage = .allocate(
            byteCount: Self.lineBytesMax + Self.receiveBytes, alignment: 16)
    }

    deinit { unsafe storage.deallocate() }

    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // SAFETY: start ... end is within the allocation and was written.
            let span = unsafe Span<UInt8>(
                _unsafeBytes: UnsafeRawBufferPointer(start: storage + start, count: end - start))
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Receives once, behind the line that the connection has kept.
    mutating func receive(
        from socket: borrowing FileDescriptor, behind line: inout [UInt8]
    ) -> FileDescriptor.Received {
        start = Self.lineBytesMax
        end = start
        if !line.isEmpty {
            precondition(line.count <= Self.lineBytesMax, "a line is kept only up to its limit")
            start -= line.count
            unsafe line.withUnsafeBytes { kept in
                guard let from = kept.baseAddress else { return }
                unsafe (storage + start).copyMemory(from: from, byteCount: kept.count)
            }
            line.removeAll(keepingCapacity: true)
        }
        // SAFETY: the part behind the line.
        let received = unsafe socket.receive(
            into: UnsafeMutableRawBufferPointer(
                start: storage + Self.lineBytesMax, count: Self.receiveBytes))
        if case .bytes(let count) = received { end += count }
        return received
    }

    /// Gives a line that is not whole back to its connection.
    ///
    /// - Returns: false if it is longer than any line may be.
    func keep(from position: Int, in line: inout [UInt8]) -> Bool {
        let rest = end - start - position
        guard rest >= 0, rest <= Self.lineBytesMax else { return false }
        let bytes = unsafe UnsafeRawBufferPointer(
            start: storage + start + position, count: rest)
        unsafe line.append(contentsOf: bytes)
        return true
    }
}
