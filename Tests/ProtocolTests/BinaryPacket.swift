@testable import Protocol

/// A binary request as bytes, each of its lengths right unless told otherwise.
struct BinaryPacket {
    var magic: UInt8 = 0x80
    var code: UInt8
    var key: [UInt8] = []
    var extras: [UInt8] = []
    var value: [UInt8] = []
    var opaque: UInt32 = 0x0102_0304
    var cas: UInt64 = 0
    var keyLength: UInt16?
    var extrasLength: UInt8?
    var bodyLength: UInt32?

    init(_ opcode: BinaryOpcode, key: String = "", extras: [UInt8] = [], value: String = "") {
        code = opcode.rawValue
        self.key = Array(key.utf8)
        self.extras = extras
        self.value = Array(value.utf8)
    }

    var bytes: [UInt8] {
        let body: [UInt8] = extras + key + value
        var bytes: [UInt8] = [magic, code]
        bytes += big(keyLength ?? UInt16(key.count))
        bytes += [extrasLength ?? UInt8(extras.count), 0, 0, 0]
        bytes += big(bodyLength ?? UInt32(body.count))
        bytes += big(opaque) + big(cas)
        return bytes + body
    }
}

/// A number's bytes in network order.
func big<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    stride(from: Number.bitWidth - 8, through: 0, by: -8).map { shift in
        UInt8(truncatingIfNeeded: number >> shift)
    }
}

/// What a connection makes of the bytes at `start`, in words.
enum BinaryText {
    static func of(_ packet: BinaryPacket) -> String { of(packet.bytes, from: 0) }

    static func of(_ bytes: [UInt8], from start: Int) -> String {
        switch BinaryHeader.parse(bytes.span, from: start) {
        case .incomplete: return "incomplete"
        case .foreign: return "foreign"
        case .header(let header):
            if let status = header.refusal { return "refused: \(status)" }
            switch BinaryParser.parse(header, bytes.span, from: start) {
            case .incomplete(let needed): return "incomplete, \(needed) needed"
            case .malformed: return "malformed"
            case .request(let request, let next):
                return text(request, bytes) + (next == bytes.count ? "" : " up to \(next)")
            }
        }
    }

    private static func text(_ request: BinaryRequest, _ bytes: [UInt8]) -> String {
        func slice(_ range: ByteRange) -> String {
            "[" + String(decoding: bytes[range.start..<range.end], as: UTF8.self) + "]"
        }
        return switch request {
        case .retrieve(let key, let exptime):
            "get \(slice(key))" + (exptime.map { " \($0)" } ?? "")
        case .touch(let key, let exptime): "touch \(slice(key)) \(exptime)"
        case .store(let store):
            "\(store.command) \(slice(store.key)) \(store.flags) \(store.exptime) "
                + "cas \(store.cas) length \(store.length)"
        case .delete(let key, let cas): "delete \(slice(key)) cas \(cas)"
        case .adjust(let adjustment):
            "\(adjustment.isIncrement ? "incr" : "decr") \(slice(adjustment.key)) "
                + "\(adjustment.delta) \(adjustment.initial) "
                + "\(adjustment.exptime.map(String.init) ?? "never") cas \(adjustment.cas)"
        case .flush(let delay): "flush \(delay)"
        case .stat(let name): "stat \(slice(name))"
        case .verbosity(let level): "verbosity \(level)"
        case .noop, .version, .quit, .saslMechanisms: "\(request)"
        case .login(let mechanism, let length, let isStep):
            "\(isStep ? "step" : "auth") \(slice(mechanism)) length \(length)"
        case .unknown(let length): "unknown length \(length)"
        }
    }
}
