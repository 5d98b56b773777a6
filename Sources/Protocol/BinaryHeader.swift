/// The commands of memcached's binary protocol. `Q` is the quiet form, which says nothing of what
/// is expected: hits of a get only, and errors only of everything else. `K` repeats the key.
public enum BinaryOpcode: UInt8, CaseIterable, Sendable {
    case get = 0x00, set, add, replace, delete, increment, decrement, quit, flush
    case getQ = 0x09, noop, version, getK, getKQ, append, prepend, stat
    case setQ = 0x11, addQ, replaceQ, deleteQ, incrementQ, decrementQ, quitQ, flushQ
    case appendQ = 0x19, prependQ, verbosity, touch, gat, gatQ
    case saslMechanisms = 0x20, saslAuth, saslStep
    case gatK = 0x23, gatKQ
}

/// What a reply repeats of its request.
public struct BinaryTag: Equatable, Sendable {
    /// The opcode, which may be an unknown one.
    public let code: UInt8
    /// The client's own number, in whatever order of bytes it has it.
    public let opaque: UInt32

    public init(code: UInt8, opaque: UInt32) {
        self.code = code
        self.opaque = opaque
    }

    /// Of the request whose complete header stands at `start`.
    @inline(__always)
    public init(_ bytes: Span<UInt8>, at start: Int) {
        code = bytes[start + 1]
        opaque = NetworkOrder.load(UInt32.self, bytes, at: start + 12)
    }

    public var opcode: BinaryOpcode? { BinaryOpcode(rawValue: code) }

    public var isQuiet: Bool {
        switch opcode {
        case .getQ, .getKQ, .setQ, .addQ, .replaceQ, .deleteQ, .incrementQ, .decrementQ, .quitQ,
            .flushQ, .appendQ, .prependQ, .gatQ, .gatKQ:
            true
        default: false
        }
    }

    /// Whether the replies of a retrieval name the key.
    public var returnsKey: Bool {
        switch opcode {
        case .getK, .getKQ, .gatK, .gatKQ: true
        default: false
        }
    }
}

/// The 24 bytes that every request begins with, numbers in network order:
///
///     0 magic 0x80   1 opcode   2 key bytes (2)   4 extras bytes   5 data type   6 reserved (2)
///     8 body bytes (4): extras, key and value   12 opaque (4)   16 CAS (8)
///
/// Data type and reserved bytes are not looked at, as in memcached.
public struct BinaryHeader: Equatable, Sendable {
    public static let byteCount = 24
    public static let requestMagic: UInt8 = 0x80
    static let replyMagic: UInt8 = 0x81

    public let tag: BinaryTag
    /// Bytes, 0 to 65,535.
    public let keyLength: Int
    /// Bytes, 0 to 255.
    public let extrasLength: Int
    /// Bytes of extras, key and value together, 0 to 4,294,967,295.
    public let bodyLength: Int
    /// 0 for whatever the value has.
    public let cas: UInt64

    public enum ParseResult: Equatable, Sendable {
        case incomplete
        /// No request begins so: the connection must be closed.
        case foreign
        case header(BinaryHeader)
    }

    /// Parses the header at `start`. What it announces can still be impossible: see ``refusal``.
    @inline(__always)
    public static func parse(_ bytes: Span<UInt8>, from start: Int) -> ParseResult {
        guard start < bytes.count else { return .incomplete }
        guard bytes[start] == requestMagic else { return .foreign }
        guard bytes.count - start >= byteCount else { return .incomplete }
        return .header(
            BinaryHeader(
                tag: BinaryTag(bytes, at: start),
                keyLength: Int(NetworkOrder.load(UInt16.self, bytes, at: start + 2)),
                extrasLength: Int(bytes[start + 4]),
                bodyLength: Int(NetworkOrder.load(UInt32.self, bytes, at: start + 8)),
                cas: NetworkOrder.load(UInt64.self, bytes, at: start + 16)))
    }

    /// What to answer, before the connection is closed, to lengths that can be no request's at
    /// all; nil if they may be.
    public var refusal: BinaryStatus? {
        if keyLength + extrasLength > bodyLength { return .unknownCommand }
        if bodyLength > ProtocolLimits.maximumBodyBytes { return .invalidArguments }
        return nil
    }

    /// Bytes behind extras and key; what ``refusal`` refuses must not be asked.
    var valueLength: Int { bodyLength - extrasLength - keyLength }
}

/// Numbers as they come and go in the binary protocol.
enum NetworkOrder {
    @inline(__always)
    static func load<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type, _ bytes: Span<UInt8>, at position: Int
    ) -> Number {
        precondition(position >= 0 && position <= bytes.count - MemoryLayout<Number>.size)
        return unsafe bytes.withUnsafeBytes { raw in
            // SAFETY: the whole number lies within the bytes.
            unsafe Number(
                bigEndian: raw.loadUnaligned(fromByteOffset: position, as: Number.self))
        }
    }
}
