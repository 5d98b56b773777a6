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
        unsafe used &+= ByteBuffer.writeDecimal(value, to: storage + used)
    }

    /// Writes up to 20 digits; returns how many.
    @inlinable
    static func writeDecimal(_ value: UInt64, to start: UnsafeMutableRawPointer) -> Int {
        var digits = 1
        var bound: UInt64 = 10
        // A number under 2^64 has 20 digits at most; the bound wraps only when it is not used again.
        while digits < 20, value >= bound {
            digits &+= 1
            bound &*= 10
        }
        var rest = value
        var position = digits
        while position > 0 {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            position &-= 1
            unsafe start.storeBytes(
                of: UInt8(truncatingIfNeeded: digit) &+ UInt8(ascii: "0"),
                toByteOffset: position, as: UInt8.self)
            rest = quotient
        }
        return digits
    }

    /// Appends a found item as `get` answers it: `VALUE <key> <flags> <bytes>[ <cas>]`, the value,
    /// and its line ending. Room is made once for all of it.
    @inlinable
    public mutating func appendValue(
        key: Span<UInt8>, flags: UInt32, value: Span<UInt8>, cas: UInt64?
    ) {
        // The words, spaces and line endings are 13 bytes, and three numbers have up to 50 digits.
        reserve(64 + key.count + value.count)
        var end = unsafe storage + used
        @inline(__always)
        func put(_ bytes: Span<UInt8>) {
            unsafe bytes.withUnsafeBytes { source in
                guard let start = source.baseAddress else { return }
                unsafe end.copyMemory(from: start, byteCount: source.count)
            }
            unsafe end += bytes.count
        }
        @inline(__always)
        func put(_ byte: Unicode.Scalar) {
            unsafe end.storeBytes(of: UInt8(ascii: byte), as: UInt8.self)
            unsafe end += 1
        }
        @inline(__always)
        func put(_ number: UInt64) {
            put(" ")
            unsafe end += ByteBuffer.writeDecimal(number, to: end)
        }
        @inline(__always)
        func putLineEnd() {
            put("\r")
            put("\n")
        }
        unsafe end.copyMemory(from: StaticString("VALUE ").utf8Start, byteCount: 6)
        unsafe end += 6
        put(key)
        put(UInt64(flags))
        put(UInt64(truncatingIfNeeded: value.count))
        if let cas { put(cas) }
        putLineEnd()
        put(value)
        putLineEnd()
        unsafe used = end - storage
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
