/// Keys that can't be written on a command line come and go in base64, as memcached decodes it:
/// bytes that don't belong to the alphabet are skipped, and padding is required.
public enum Base64 {
    /// Room for what a key of 250 bytes decodes to.
    public typealias Decoded = InlineArray<192, UInt8>

    private static let skipped: UInt8 = 0x80
    private static let padding = UInt8(ascii: "=")

    static func isDecodable(_ text: Span<UInt8>) -> Bool {
        var decoded = Decoded(repeating: 0)
        return decode(text, into: &decoded) > 0
    }

    /// Decodes a key's text of up to 250 bytes.
    /// - Returns: how many bytes were written; 0 if it is not base64.
    public static func decode(_ text: Span<UInt8>, into decoded: inout Decoded) -> Int {
        guard text.count <= ProtocolLimits.maximumKeyBytes else { return 0 }
        var digits = 0
        for position in 0..<text.count where value(text[position]) != skipped { digits += 1 }
        guard digits % 4 == 0 else { return 0 }
        var used = 0
        var four: UInt32 = 0
        var count = 0
        var padded = 0
        for position in 0..<text.count where value(text[position]) != skipped {
            if text[position] == padding { padded += 1 }
            four = four << 6 | UInt32(value(text[position]))
            count += 1
            guard count == 4 else { continue }
            guard padded <= 2 else { return 0 }
            for number in 0..<3 - padded {
                decoded[used] = UInt8(truncatingIfNeeded: four >> UInt32(16 - 8 * number))
                used += 1
            }
            // What follows the padding is not looked at.
            if padded > 0 { break }
            four = 0
            count = 0
        }
        return used
    }

    private static func value(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        case padding: 0
        default: skipped
        }
    }

    fileprivate static func digit(_ value: UInt32) -> UInt8 {
        switch UInt8(value & 63) {
        case let value where value < 26: value + UInt8(ascii: "A")
        case let value where value < 52: value - 26 + UInt8(ascii: "a")
        case let value where value < 62: value - 52 + UInt8(ascii: "0")
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }
}

extension ByteBuffer {
    /// Appends bytes in base64, padded.
    public mutating func appendBase64(_ bytes: Span<UInt8>) {
        var position = 0
        while position < bytes.count {
            let count = min(3, bytes.count - position)
            var three: UInt32 = 0
            for offset in 0..<3 {
                three = three << 8 | (offset < count ? UInt32(bytes[position + offset]) : 0)
            }
            for number in 0..<4 {
                let digit = Base64.digit(three >> UInt32(18 - 6 * number))
                append(number > count ? UInt8(ascii: "=") : digit)
            }
            position += count
        }
    }
}
