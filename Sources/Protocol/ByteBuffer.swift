/// A growing buffer of bytes to be sent. Whoever fills it bounds it.
@safe
public struct ByteBuffer: ~Copyable, @unchecked Sendable {
    @usableFromInline var storage: UnsafeMutableRawPointer
    public private(set) var capacity: Int
    @usableFromInline var used = 0

    /// - Parameter capacity: bytes to make room for now, at least 64.
    public init(capacity: Int) {
        self.capacity = max(64, capacity)
        unsafe storage = UnsafeMutableRawPointer.allocate(
            byteCount: self.capacity, alignment: 16)
    }

    deinit { unsafe storage.deallocate() }

    public var count: Int { @inline(__always) get { used } }
    public var isEmpty: Bool { @inline(__always) get { used == 0 } }

    public mutating func removeAll() { used = 0 }

    /// Makes room for `bytes` more.
    @inlinable
    public mutating func reserve(_ bytes: Int) {
        if capacity - used < bytes { grow(bytes) }
    }

    @usableFromInline
    mutating func grow(_ bytes: Int) {
        let larger = max(capacity * 2, used + bytes)
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        unsafe fresh.copyMemory(from: storage, byteCount: used)
        unsafe storage.deallocate()
        unsafe storage = fresh
        capacity = larger
    }

    // SAFETY: every write is preceded by a reserve of at least its length.

    @inlinable
    public mutating func append(_ byte: UInt8) {
        reserve(1)
        unsafe storage.storeBytes(of: byte, toByteOffset: used, as: UInt8.self)
        used &+= 1
    }

    @inlinable
    public mutating func append(_ bytes: Span<UInt8>) {
        reserve(bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe (storage + used).copyMemory(from: start, byteCount: source.count)
        }
        used &+= bytes.count
    }

    @inlinable
    public mutating func append(_ text: StaticString) {
        reserve(text.utf8CodeUnitCount)
        unsafe (storage + used).copyMemory(
            from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
        used &+= text.utf8CodeUnitCount
    }

    public mutating func append(_ text: String) {
        append(text.utf8Span.span)
    }

    /// Appends the number's decimal digits.
    @inlinable
    public mutating func appendDecimal(_ value: UInt64) {
        reserve(20)
        if value < 10 {
            append(UInt8(truncatingIfNeeded: value) &+ UInt8(ascii: "0"))
            return
        }
        var rest = value
        var digits = 0
        var probe = value
        while probe > 0 {
            digits &+= 1
            probe /= 10
        }
        var position = used &+ digits
        while rest > 0 {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            position &-= 1
            unsafe storage.storeBytes(
                of: UInt8(truncatingIfNeeded: digit) &+ UInt8(ascii: "0"),
                toByteOffset: position, as: UInt8.self)
            rest = quotient
        }
        used &+= digits
    }

    /// What was appended.
    public var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let span = unsafe Span<UInt8>(
                _unsafeBytes: UnsafeRawBufferPointer(start: storage, count: used))
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }
}
