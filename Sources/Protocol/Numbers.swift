/// Numbers in a command line. memcached reads some as C's strtol does and others strictly; a
/// client notices the difference, so both are here.
enum Numbers {
    /// Digits and nothing else, at most 22 of them, under 2^64.
    static func strictUnsigned64(_ token: Span<UInt8>) -> UInt64? {
        guard token.count >= 1, token.count <= 22 else { return nil }
        var value: UInt64 = 0
        for position in 0..<token.count {
            guard let digit = digit(token[position]) else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(digit)
            if overflow || carry { return nil }
            value = sum
        }
        return value
    }

    /// Digits with an optional minus, at most 11 bytes, within 32 bits.
    static func strictSigned32(_ token: Span<UInt8>) -> Int32? {
        guard token.count >= 1, token.count <= 11 else { return nil }
        let isNegative = token[0] == UInt8(ascii: "-")
        var value: Int64 = 0
        for position in (isNegative ? 1 : 0)..<token.count {
            guard let digit = digit(token[position]) else { return nil }
            // At most 11 digits: far from overflowing 64 bits.
            value = value * 10 + Int64(digit)
        }
        return Int32(exactly: isNegative ? -value : value)
    }

    static func strictUnsigned32(_ token: Span<UInt8>) -> UInt32? {
        guard token.count <= 11, let value = strictUnsigned64(token) else { return nil }
        return UInt32(exactly: value)
    }

    /// As strtoul: leading white space and a plus are fine, the end is the token's or white space.
    /// Taken modulo 2^32; negative numbers are refused.
    static func flags(_ token: Span<UInt8>) -> UInt32? {
        guard let (isNegative, magnitude) = cNumber(token), !isNegative || magnitude == 0 else {
            return nil
        }
        return UInt32(truncatingIfNeeded: magnitude)
    }

    /// As strtol, of which the lower 32 bits are the exptime.
    static func looseSigned32(_ token: Span<UInt8>) -> Int32? {
        guard let (isNegative, magnitude) = cNumber(token) else { return nil }
        guard magnitude <= UInt64(Int64.max) + (isNegative ? 1 : 0) else { return nil }
        let bits = isNegative ? 0 &- magnitude : magnitude
        return Int32(truncatingIfNeeded: bits)
    }

    private static func cNumber(_ token: Span<UInt8>) -> (isNegative: Bool, magnitude: UInt64)? {
        var position = 0
        while position < token.count, Scan.isSpace(token[position]) { position += 1 }
        var isNegative = false
        if position < token.count {
            isNegative = token[position] == UInt8(ascii: "-")
            if isNegative || token[position] == UInt8(ascii: "+") { position += 1 }
        }
        let first = position
        var value: UInt64 = 0
        while position < token.count, let digit = digit(token[position]) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(digit)
            if overflow || carry { return nil }
            value = sum
            position += 1
        }
        guard position > first else { return nil }
        guard position == token.count || Scan.isSpace(token[position]) else { return nil }
        return (isNegative, value)
    }

    /// A number with or without a point; neither infinite nor none.
    static func decimal(_ token: Span<UInt8>) -> Double? {
        guard token.count >= 1, token.count <= 32 else { return nil }
        let text = String(decoding: (0..<token.count).map { token[$0] }, as: UTF8.self)
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    @inline(__always)
    private static func digit(_ byte: UInt8) -> UInt64? {
        let value = byte &- UInt8(ascii: "0")
        return value < 10 ? UInt64(value) : nil
    }
}
