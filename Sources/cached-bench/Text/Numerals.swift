/// Numbers as reports show them.
enum Numerals {
    /// With so many decimals (0 to 9), rounded; `-` for what is no number.
    static func fixed(_ value: Double, _ decimals: Int, grouped isGrouped: Bool = false) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "-" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 9e18 else { return "-" }
        let digits = String(UInt64(scaled))
        let padded =
            String(repeating: "0", count: max(0, decimals + 1 - digits.utf8.count)) + digits
        let whole = String(padded.dropLast(decimals))
        let sign = value < 0 && scaled > 0 ? "-" : ""
        let fraction = decimals > 0 ? ".\(padded.suffix(decimals))" : ""
        return sign + (isGrouped ? grouping(whole) : whole) + fraction
    }

    /// With three or four digits that count, and thousands apart.
    static func short(_ value: Double) -> String {
        let size = abs(value)
        let decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
        return fixed(value, decimals, grouped: true)
    }

    /// As it would be written by hand: no digits that are not needed, at most three decimals.
    static func plain(_ value: Double, grouped isGrouped: Bool = true) -> String {
        let decimals = [1.0, 10, 100].firstIndex { (value * $0).rounded() == value * $0 }
        return fixed(value, decimals ?? 3, grouped: isGrouped)
    }

    /// With commas between thousands.
    static func grouped(_ value: Int) -> String {
        (value < 0 ? "-" : "") + grouping(String(value.magnitude))
    }

    private static func grouping(_ digits: String) -> String {
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.utf8.count - place) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    static func grouped(_ value: Double) -> String {
        value.isFinite && abs(value) < 1e15 ? grouped(Int(value.rounded())) : "-"
    }

    /// Nanoseconds as microseconds, with three digits or so.
    static func microseconds(_ nanoseconds: UInt64) -> String {
        let value = Double(nanoseconds) / 1000
        return value < 100 ? fixed(value, 1) : grouped(value)
    }

    /// 12.3 MB; powers of 1000.
    static func bytes(_ count: Int) -> String {
        var value = Double(count)
        for unit in ["B", "kB", "MB", "GB"] {
            if abs(value) < 1000 { return fixed(value, unit == "B" ? 0 : 1) + " " + unit }
            value /= 1000
        }
        return fixed(value, 1) + " TB"
    }

    static func percent(_ share: Double) -> String { fixed(share * 100, 1) + " %" }
}
