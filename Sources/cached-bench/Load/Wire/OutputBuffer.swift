/// Requests on their way to a socket.
@safe
struct OutputBuffer: ~Copyable {
    private var storage: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    /// - Parameter capacity: bytes to make room for now, at least 64.
    init(capacity: Int) {
        self.capacity = max(64, capacity)
        unsafe storage = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit { unsafe storage.deallocate() }

    var isEmpty: Bool { @inline(__always) get { count == 0 } }

    mutating func removeAll() { count = 0 }

    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let span = unsafe Span<UInt8>(
                _unsafeBytes: UnsafeRawBufferPointer(start: storage, count: count))
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Makes room for `bytes` more.
    @inline(__always)
    private mutating func reserve(_ bytes: Int) {
        if capacity &- count < bytes { grow(bytes) }
    }

    @inline(never)
    private mutating func grow(_ bytes: Int) {
        let larger = max(capacity * 2, count + bytes)
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        unsafe fresh.copyMemory(from: storage, byteCount: count)
        unsafe storage.deallocate()
        unsafe storage = fresh
        capacity = larger
    }

    // SAFETY: each of these writes what it has reserved, from `count` on.

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        reserve(1)
        unsafe storage.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count &+= 1
    }

    @inline(__always)
    mutating func append(_ bytes: Span<UInt8>) {
        reserve(bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe (storage + count).copyMemory(from: start, byteCount: source.count)
        }
        count &+= bytes.count
    }

    @inline(__always)
    mutating func append(_ text: StaticString) {
        let length = text.utf8CodeUnitCount
        reserve(length)
        unsafe (storage + count).copyMemory(from: text.utf8Start, byteCount: length)
        count &+= length
    }

    /// Appends a number's decimal digits, with zeros before them up to `minimumDigits` (at
    /// most 256).
    @inline(__always)
    mutating func appendDecimal(_ value: UInt64, minimumDigits: Int = 1) {
        var digits = 1
        var bound: UInt64 = 10
        // 20 digits are all that 64 bits have; the bound wraps after that and is not looked at.
        while digits < 20, value >= bound {
            digits &+= 1
            bound = bound &* 10
        }
        digits = max(digits, minimumDigits)
        reserve(digits)
        var rest = value
        var position = count &+ digits
        while position > count {
            position &-= 1
            let quotient = rest / 10
            unsafe storage.storeBytes(
                of: UInt8(truncatingIfNeeded: rest &- quotient &* 10) &+ UInt8(ascii: "0"),
                toByteOffset: position, as: UInt8.self)
            rest = quotient
        }
        count &+= digits
    }

    /// Appends a number's eight bytes, the highest first.
    @inline(__always)
    mutating func appendBigEndian(_ value: UInt64) {
        reserve(8)
        unsafe storage.storeBytes(of: value.bigEndian, toByteOffset: count, as: UInt64.self)
        count &+= 8
    }

    /// Writes such a number over eight bytes that have been appended.
    @inline(__always)
    func writeBigEndian(_ value: UInt64, at place: Int) {
        precondition(place >= 0 && place <= count &- 8, "it was appended before")
        unsafe storage.storeBytes(of: value.bigEndian, toByteOffset: place, as: UInt64.self)
    }

    /// Appends a key's value.
    @inline(__always)
    mutating func appendValue(_ pattern: borrowing ValuePattern, key: UInt64, bytes: Int) {
        reserve(bytes)
        unsafe pattern.write(
            key: key,
            to: UnsafeMutableRawBufferPointer(start: storage + count, count: bytes))
        count &+= bytes
    }
}
