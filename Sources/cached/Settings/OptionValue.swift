/// Why a value was refused, worded to follow it: `'0' is not a number`.
struct InvalidValue: Error, Equatable {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

/// Text to values and back. Every function works on bytes, where a comma is a comma whatever
/// stands behind it, and none of them can overflow.
enum OptionValue {
    /// Text without the spaces and tabs around it.
    static func trimmed(_ text: String) -> String {
        let bytes = text.utf8.drop(while: isBlank)
        guard let last = bytes.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(Substring(bytes[...last]))
    }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    /// A whole decimal number, or nil; nothing may follow it but blanks.
    static func integer(_ text: String) -> Int? {
        Int(trimmed(text))
    }

    /// A number without sign, decimal or hexadecimal after `0x`.
    static func unsigned64(_ text: String) -> UInt64? {
        let text = trimmed(text)
        guard let first = text.utf8.first, first != UInt8(ascii: "+") else { return nil }
        guard text.hasPrefix("0x") else { return UInt64(text) }
        let digits = text.utf8.dropFirst(2)
        guard let leading = digits.first, leading != UInt8(ascii: "+") else { return nil }
        return UInt64(String(Substring(digits)), radix: 16)
    }

    /// Octal digits alone, as chmod takes them.
    static func octal(_ text: String) -> UInt32? {
        let text = trimmed(text)
        guard let first = text.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(first)
        else { return nil }
        return UInt32(text, radix: 8)
    }

    /// Digits with at most one point among them. No exponent, no `nan`.
    static func decimal(_ text: String) -> Double? {
        let text = trimmed(text)
        let allowed = text.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".")
        }
        return allowed ? Double(text) : nil
    }

    static func boolean(_ text: String) -> Bool? {
        switch trimmed(text).lowercased() {
        case "yes", "true", "on", "1": return true
        case "no", "false", "off", "0": return false
        default: return nil
        }
    }

    /// A size with an optional suffix k, m, g or t, powers of 1024; without one `unitBytes` each.
    static func size(_ text: String, unitBytes: UInt64) -> UInt64? {
        var bytes = Array(trimmed(text).utf8)
        var unit = unitBytes
        if let last = bytes.last, let shift = suffixShift(last) {
            unit = 1 << shift
            bytes.removeLast()
        }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard !bytes.isEmpty, bytes.allSatisfy({ digits.contains($0) }),
            let count = UInt64(String(decoding: bytes, as: UTF8.self))
        else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: unit)
        return overflow ? nil : product
    }

    private static func suffixShift(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "k"), UInt8(ascii: "K"): return 10
        case UInt8(ascii: "m"), UInt8(ascii: "M"): return 20
        case UInt8(ascii: "g"), UInt8(ascii: "G"): return 30
        case UInt8(ascii: "t"), UInt8(ascii: "T"): return 40
        default: return nil
        }
    }

    /// A size in the largest unit that gives a whole number: `64m`, `1500` for bytes.
    static func sizeText(_ bytes: UInt64) -> String {
        for (suffix, shift) in [("t", UInt64(40)), ("g", 30), ("m", 20), ("k", 10)] {
            let unit: UInt64 = 1 << shift
            if bytes >= unit, bytes % unit == 0 { return "\(bytes / unit)\(suffix)" }
        }
        return "\(bytes)"
    }

    /// A value as an error message repeats it: on one line, in quotes, of bounded length.
    static func quoted(_ text: String) -> String {
        var shown = ""
        for scalar in text.unicodeScalars {
            if shown.utf8.count >= SettingsLimits.quotedValueBytesMax { return "'\(shown)...'" }
            let isControl = scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
            let isLineEnd = scalar.value == 0x2028 || scalar.value == 0x2029
            let escaped = "\\u{\(String(scalar.value, radix: 16))}"
            shown += isControl || isLineEnd ? escaped : "\(scalar)"
        }
        return "'\(shown)'"
    }

    /// Whether `text` holds a byte below space or DEL, which no path or name here may have: the
    /// system's calls would cut a path at a NUL, and a log line would break at the others.
    static func hasControlBytes(_ text: String) -> Bool {
        text.utf8.contains { $0 < 0x20 || $0 == 0x7f }
    }
}
