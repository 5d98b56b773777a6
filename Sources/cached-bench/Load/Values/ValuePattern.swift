import Glibc

/// The bytes of a key's value, as a function of the key and the length.
///
/// ```text
///  ┌──────────────┬───────────────────────────────────────┬──────────────┐
///  │ mark of the  │ the pattern, 8 KB of random bytes     │ mark again,  │
///  │ key, 8 bytes │ over and over, from an offset that    │ if there are │
///  │              │ is the key's                          │ 16 bytes     │
///  └──────────────┴───────────────────────────────────────┴──────────────┘
/// ```
///
/// Another key's value, or one put together from two, differs in a mark; a bit that fell over
/// differs anywhere. Making a value costs one copy and two stores.
@safe
struct ValuePattern: ~Copyable {
    private static let period = 8192
    private static let markBytes = 8

    /// Two periods, so that a whole one begins at each offset.
    private let bytes: UnsafeMutableRawPointer

    init() {
        unsafe bytes = .allocate(byteCount: 2 * Self.period, alignment: 16)
        var random = RandomNumbers(seed: 0x7661_6c75_6573)
        for offset in stride(from: 0, to: Self.period, by: 8) {
            let word = random.next()
            unsafe bytes.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
            unsafe bytes.storeBytes(of: word, toByteOffset: offset + Self.period, as: UInt64.self)
        }
    }

    deinit { unsafe bytes.deallocate() }

    @inline(__always)
    static func mark(of key: UInt64) -> UInt64 { RandomNumbers.mix(key ^ 0x1319_8a2e_0370_7344) }

    /// The client flags that go with a key's value: 16 bits of its mark.
    @inline(__always)
    static func flags(of key: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: mark(of: key) >> 40) & 0xffff
    }

    /// Writes the whole value.
    @inline(__always)
    func write(key: UInt64, to target: UnsafeMutableRawBufferPointer) {
        let mark = Self.mark(of: key)
        let count = target.count
        guard let start = target.baseAddress else { return }
        // SAFETY: at most one period is copied from an offset within the first of two; the marks
        // are stored where their bytes fit.
        let offset = Int(mark & UInt64(Self.period - 1))
        var written = 0
        while written < count {
            let part = min(Self.period, count &- written)
            unsafe (start + written).copyMemory(from: bytes + offset, byteCount: part)
            written &+= part
        }
        if count >= Self.markBytes {
            unsafe start.storeBytes(of: mark, as: UInt64.self)
            if count >= 2 * Self.markBytes {
                unsafe start.storeBytes(
                    of: mark, toByteOffset: count &- Self.markBytes, as: UInt64.self)
            }
        } else {
            for place in 0..<count {
                unsafe start.storeBytes(
                    of: UInt8(truncatingIfNeeded: mark >> (8 &* UInt64(place))),
                    toByteOffset: place, as: UInt8.self)
            }
        }
    }

    /// Whether `part` is what stands at `offset` in the value of `count` bytes.
    func matches(_ part: Span<UInt8>, at offset: Int, key: UInt64, count: Int) -> Bool {
        guard offset >= 0, part.count <= count - offset else { return false }
        let mark = Self.mark(of: key)
        let headEnd = min(count, Self.markBytes)
        let tailStart = count >= 2 * Self.markBytes ? count - Self.markBytes : count
        var position = 0
        while position < part.count {
            let place = offset + position
            if place < headEnd || place >= tailStart {
                let index = place < headEnd ? place : place - tailStart
                let expected = UInt8(truncatingIfNeeded: mark >> (8 * UInt64(index)))
                guard part[position] == expected else { return false }
                position += 1
                continue
            }
            let start = (Int(mark & UInt64(Self.period - 1)) + place) % Self.period
            let length = min(tailStart - place, part.count - position, Self.period)
            let isEqual = unsafe part.extracting(position..<position + length).withUnsafeBytes {
                // SAFETY: start is below a period and length at most one, of two.
                unsafe memcmp($0.baseAddress ?? UnsafeRawPointer(bytes), bytes + start, length) == 0
            }
            guard isEqual else { return false }
            position += length
        }
        return true
    }
}
