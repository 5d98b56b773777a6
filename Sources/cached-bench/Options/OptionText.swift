/// Text to values. Nothing here can overflow.
enum OptionText {
    /// The parser puts the option, the value and what is allowed into words.
    static let refused = OptionError("")

    /// A whole number without sign.
    static func integer(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy(isDigit) else { return nil }
        return Int(text)
    }

    /// A decimal number without sign and exponent.
    static func decimal(_ text: some StringProtocol) -> Double? {
        let dot = UInt8(ascii: ".")
        guard text.utf8.first.map(isDigit) == true,
            text.utf8.allSatisfy({ isDigit($0) || $0 == dot }), let value = Double(text),
            value.isFinite
        else { return nil }
        return value
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    /// The two parts around the first separator.
    static func pair(
        _ text: some StringProtocol, _ separator: Character
    ) -> (String, String)? {
        let parts = text.split(
            separator: separator, maxSplits: 1, omittingEmptySubsequences: false)
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }

    /// `HOST:PORT`, `[V6]:PORT`, or a host alone.
    static func server(_ text: String) -> LoadPlan.Target? {
        var host = text
        var port = "11211"
        if text.hasPrefix("[") {
            guard let (address, rest) = pair(text.dropFirst(), "]") else { return nil }
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            host = address
            if !rest.isEmpty { port = String(rest.dropFirst()) }
        } else if let (name, rest) = pair(text, ":") {
            (host, port) = (name, rest)
        }
        guard !host.isEmpty, let number = integer(port), 1...65535 ~= number else { return nil }
        return .tcp(host: host, port: number)
    }

    static let sizesAllowed =
        "BYTES, LOW-HIGH, log:LOW-HIGH or BYTES*WEIGHT,BYTES*WEIGHT,...; up to "
        + "\(LoadLimits.valueBytesMax) bytes"

    static func sizes(_ text: String) -> LoadPlan.ValueSizes? {
        if let size = integer(text) { return size <= LoadLimits.valueBytesMax ? .fixed(size) : nil }
        if text.hasPrefix("log:") {
            guard let range = range(text.dropFirst(4)), range.lowerBound >= 1 else { return nil }
            return .logUniform(range)
        }
        if let range = range(text) { return .uniform(range) }
        var list: [LoadPlan.WeightedSize] = []
        for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
            let (size, weight) = pair(entry, "*") ?? (String(entry), "1")
            guard let bytes = integer(size), bytes <= LoadLimits.valueBytesMax,
                let parts = integer(weight), 1...LoadLimits.ratioMax ~= parts
            else { return nil }
            list.append(LoadPlan.WeightedSize(bytes: bytes, weight: parts))
        }
        return list.isEmpty ? nil : .list(list)
    }

    private static func range(_ text: some StringProtocol) -> ClosedRange<Int>? {
        guard let (low, high) = pair(text, "-"), let lower = integer(low),
            let upper = integer(high), lower <= upper, upper <= LoadLimits.valueBytesMax
        else { return nil }
        return lower...upper
    }

    static let distributionAllowed =
        "uniform, zipf:EXPONENT (above 0, up to 10), gaussian:DEVIATION (share of the keys, "
        + "above 0, up to 10) or sequential"

    static func distribution(_ text: String) -> LoadPlan.KeyDistribution? {
        switch text {
        case "uniform": return .uniform
        case "sequential": return .sequential
        default: break
        }
        guard let (name, number) = pair(text, ":"), let value = decimal(number), value > 0,
            value <= 10
        else { return nil }
        switch name {
        case "zipf": return .zipf(exponent: value)
        case "gaussian": return .gaussian(deviation: value)
        default: return nil
        }
    }

    /// What a value would look like in a message: at most 60 printable characters.
    static func quoted(_ text: String) -> String {
        let shown = text.unicodeScalars.prefix(60).map { $0.value < 32 ? "?" : Character($0) }
        return "'\(String(shown))'"
    }
}
