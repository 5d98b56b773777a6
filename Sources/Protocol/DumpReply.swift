/// What dumps, and watchers, tell of items.
extension ByteBuffer {
    /// Bytes as URIs have them: all but letters, digits and `-._~` become `%` and two digits.
    public mutating func appendURIEncoded(_ bytes: Span<UInt8>) {
        reserve(3 * bytes.count)
        for position in 0..<bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                append(byte)
            default:
                append(UInt8(ascii: "%"))
                append(ByteBuffer.hexDigit(byte >> 4))
                append(ByteBuffer.hexDigit(byte & 15))
            }
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") - 10 + value
    }

    /// A number with its sign.
    public mutating func appendSigned(_ value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDecimal(value.magnitude)
    }

    /// A line of `lru_crawler metadump`, with memcached's space before its end.
    /// - Parameters:
    ///   - expiresAt: Unix time in seconds; nil: never.
    ///   - accessedAt: likewise.
    ///   - bytes: memcached's size of the item.
    public mutating func appendMetadump(
        key: Span<UInt8>, expiresAt: Int64?, accessedAt: Int64, cas: UInt64, isFetched: Bool,
        classNumber: Int, bytes: Int, flags: UInt32
    ) {
        append("key=")
        appendURIEncoded(key)
        append(" exp=")
        appendSigned(expiresAt ?? -1)
        append(" la=")
        appendSigned(accessedAt)
        append(" cas=")
        appendDecimal(cas)
        append(isFetched ? " fetch=yes cls=" : " fetch=no cls=")
        appendDecimal(UInt64(truncatingIfNeeded: classNumber))
        append(" size=")
        appendDecimal(UInt64(truncatingIfNeeded: bytes))
        append(" flags=")
        appendDecimal(UInt64(flags))
        append(" \n")
    }

    /// Whether a text command can name a key, as it is or in base64.
    public static func canMgdump(_ key: Span<UInt8>) -> Bool {
        TextParser.isKey(key) || (key.count + 2) / 3 * 4 <= ProtocolLimits.maximumKeyBytes
    }

    /// A line of `lru_crawler mgdump`: a command that gets the item. A key that came in base64, or
    /// could not stand in a line as it is, is encoded.
    public mutating func appendMgdump(key: Span<UInt8>, isBinary: Bool) {
        append("mg ")
        if !isBinary, TextParser.isKey(key) {
            append(key)
            append(TextReply.lineEnd)
        } else {
            appendBase64(key)
            append(" b\r\n")
        }
    }

    /// A line of `stats cachedump`.
    /// - Parameter expiresAt: Unix time in seconds; nil: never.
    public mutating func appendCachedump(key: Span<UInt8>, valueLength: Int, expiresAt: Int64?) {
        append("ITEM ")
        append(key)
        append(" [")
        appendDecimal(UInt64(truncatingIfNeeded: valueLength))
        append(" b; ")
        appendSigned(expiresAt ?? 0)
        append(" s]\r\n")
    }
}
