import Glibc
import SystemCalls

/// A buffer for received bytes that no request was made of yet.
@safe
struct InputBuffer: ~Copyable {
    private var storage: UnsafeMutableRawPointer?
    private(set) var capacity = 0
    private var start = 0
    private var end = 0

    init() { unsafe storage = nil }

    deinit { unsafe storage?.deallocate() }

    var count: Int { end - start }
    var isEmpty: Bool { start == end }
    /// Bytes that can be received without making more room.
    var room: Int { capacity - end }

    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // SAFETY: start ... end is within the allocation and was written.
            let buffer = unsafe UnsafeRawBufferPointer(
                start: storage.map { unsafe $0 + start }, count: count)
            let span = unsafe Span<UInt8>(_unsafeBytes: buffer)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Makes the buffer hold these bytes, and nothing else.
    mutating func assign(_ bytes: Span<UInt8>) {
        removeAll()
        guard !bytes.isEmpty else { return }
        reserve(bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            guard let storage = unsafe storage, let from = source.baseAddress else { return }
            unsafe storage.copyMemory(from: from, byteCount: source.count)
        }
        end = bytes.count
    }

    /// Forgets the first `count` bytes.
    mutating func consume(_ count: Int) {
        precondition(count >= 0 && count <= self.count)
        start += count
        if start == end {
            start = 0
            end = 0
        }
    }

    mutating func removeAll() {
        start = 0
        end = 0
    }

    /// Makes room for `bytes` in all, from the first one held on.
    mutating func reserve(_ bytes: Int) {
        guard start + bytes > capacity else { return }
        if bytes <= capacity, let storage = unsafe storage {
            // Room enough, but for what was consumed at the front.
            unsafe memmove(storage, storage + start, count)
        } else {
            let fresh = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
            if let storage = unsafe storage {
                unsafe fresh.copyMemory(from: storage + start, byteCount: count)
                unsafe storage.deallocate()
            }
            unsafe storage = fresh
            capacity = bytes
        }
        end -= start
        start = 0
    }

    /// Receives behind what is held, as much as there is room for.
    mutating func receive(
        from socket: inout Transport, atMost limit: Int = .max
    ) -> FileDescriptor.Received {
        precondition(end < capacity, "a full input buffer")
        // SAFETY: the rest of the allocation.
        let received = unsafe socket.receive(
            into: UnsafeMutableRawBufferPointer(
                start: storage.map { unsafe $0 + end }, count: min(room, limit)))
        if case .bytes(let count) = received { end += count }
        return received
    }

    /// Gives the memory back.
    mutating func release() {
        unsafe storage?.deallocate()
        unsafe storage = nil
        capacity = 0
        start = 0
        end = 0
    }
}
