/// How a binary request went, and what memcached says of it.
public enum BinaryStatus: UInt16, CaseIterable, Sendable {
    case success = 0x00
    case keyNotFound = 0x01
    case keyExists = 0x02
    case tooLarge = 0x03
    case invalidArguments = 0x04
    case notStored = 0x05
    case notNumeric = 0x06
    case authenticationFailed = 0x20
    /// SASL goes on with another message.
    case authenticationContinues = 0x21
    case unknownCommand = 0x81
    case outOfMemory = 0x82

    /// The body of a reply that has nothing more precise to say; a success has none.
    public var text: StaticString {
        switch self {
        case .success, .authenticationContinues: ""
        case .keyNotFound: "Not found"
        case .keyExists: "Data exists for key."
        case .tooLarge: "Too large."
        case .invalidArguments: "Invalid arguments"
        case .notStored: "Not stored."
        case .notNumeric: "Non-numeric server-side value for incr or decr"
        case .authenticationFailed: "Auth failure."
        case .unknownCommand: "Unknown command"
        case .outOfMemory: "Out of memory"
        }
    }
}

extension ByteBuffer {
    /// The 24 bytes that every reply begins with. `bodyLength` counts extras and key as well.
    public mutating func appendBinaryHeader(
        _ tag: BinaryTag, _ status: BinaryStatus = .success, extrasLength: UInt8 = 0,
        keyLength: Int = 0, bodyLength: Int = 0, cas: UInt64 = 0
    ) {
        reserve(BinaryHeader.byteCount)
        append(BinaryHeader.replyMagic)
        append(tag.code)
        // A key has 250 bytes at most; that of a statistic is short.
        appendBigEndian(UInt16(truncatingIfNeeded: keyLength))
        append(extrasLength)
        append(0 as UInt8)
        appendBigEndian(status.rawValue)
        // No value has more than 1 GB.
        appendBigEndian(UInt32(truncatingIfNeeded: bodyLength))
        appendBigEndian(tag.opaque)
        appendBigEndian(cas)
    }

    /// What precedes a found value of `length` bytes: header, flags and, unless it is empty, the
    /// key.
    public mutating func appendBinaryValueStart(
        _ tag: BinaryTag, key: Span<UInt8>, flags: UInt32, length: Int, cas: UInt64
    ) {
        appendBinaryHeader(
            tag, extrasLength: 4, keyLength: key.count, bodyLength: 4 + key.count + length,
            cas: cas)
        appendBigEndian(flags)
        append(key)
    }

    /// An error; a success is a header alone.
    /// - Parameter text: what is said instead of the status's own text.
    public mutating func appendBinaryError(
        _ tag: BinaryTag, _ status: BinaryStatus, _ text: StaticString? = nil
    ) {
        let text = text ?? status.text
        appendBinaryHeader(tag, status, bodyLength: text.utf8CodeUnitCount)
        append(text)
    }

    /// A get that found nothing and wants its key back: there is no room for a text then.
    public mutating func appendBinaryMiss(_ tag: BinaryTag, key: Span<UInt8>) {
        appendBinaryHeader(tag, .keyNotFound, keyLength: key.count, bodyLength: key.count)
        append(key)
    }

    /// A counter's new value.
    public mutating func appendBinaryCounter(_ tag: BinaryTag, _ value: UInt64, cas: UInt64) {
        appendBinaryHeader(tag, bodyLength: MemoryLayout<UInt64>.size, cas: cas)
        appendBigEndian(value)
    }

    /// One statistic in a reply of its own; an empty name and value end them.
    public mutating func appendBinaryStat(
        _ tag: BinaryTag, name: Span<UInt8>, value: Span<UInt8>
    ) {
        appendBinaryHeader(tag, keyLength: name.count, bodyLength: name.count + value.count)
        append(name)
        append(value)
    }

    private mutating func appendBigEndian<Number: FixedWidthInteger & BitwiseCopyable>(
        _ number: Number
    ) {
        let size = MemoryLayout<Number>.size
        reserve(size)
        // SAFETY: room for it was made.
        unsafe storage.storeBytes(of: number.bigEndian, toByteOffset: used, as: Number.self)
        used &+= size
    }
}
