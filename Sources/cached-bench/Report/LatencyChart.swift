import Glibc

/// Latency by percentile, as an SVG picture: each step to the right is ten times as rare, each
/// step up ten times as long.
enum LatencyChart {
    private static let width = 860.0
    private static let height = 460.0
    private static let left = 80.0
    private static let right = 170.0
    private static let top = 30.0
    private static let bottom = 50.0
    /// Up to 99.9999 %.
    private static let decadesMax = 6.0
    /// Told apart in grey and by those who see no red or green (Okabe and Ito, 2008).
    private static let colours = [
        "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000",
    ]

    private struct Scale {
        var lowest = 0.0
        var highest = 1.0
        var decades = 3.0

        func x(_ decade: Double) -> Double {
            left + decade / decades * (width - left - right)
        }

        /// - Parameter level: log10 of nanoseconds.
        func y(_ level: Double) -> Double {
            height - bottom - (level - lowest) / (highest - lowest) * (height - top - bottom)
        }
    }

    static func svg(of series: [(String, Histogram)]) -> String {
        let shown = series.filter { !$0.1.isEmpty }
        let scale = scale(of: shown.map(\.1))
        var picture = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(width)) \
            \(number(height))" width="\(number(width))" height="\(number(height))" \
            font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/>

            """
        picture += grid(scale)
        for (place, entry) in shown.enumerated() {
            let colour = colours[place % colours.count]
            picture += """
                <polyline fill="none" stroke="\(colour)" stroke-width="2" \
                points="\(points(of: entry.1, scale))"/>
                <line x1="\(number(width - right + 15))" x2="\(number(width - right + 40))" \
                y1="\(number(top + 10 + 20 * Double(place)))" \
                y2="\(number(top + 10 + 20 * Double(place)))" stroke="\(colour)" \
                stroke-width="2"/>
                <text x="\(number(width - right + 46))" \
                y="\(number(top + 14 + 20 * Double(place)))">\(SVG.escaped(entry.0))</text>

                """
        }
        return picture + "</svg>\n"
    }

    /// The picture in a page.
    static func html(of series: [(String, Histogram)], title: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>\(SVG.escaped(title))</title></head>
        <body>
        <h1>\(SVG.escaped(title))</h1>
        \(svg(of: series))</body>
        </html>

        """
    }

    private static func scale(of histograms: [Histogram]) -> Scale {
        var scale = Scale()
        guard let lowest = histograms.map(\.min).min(), let highest = histograms.map(\.max).max(),
            let count = histograms.map(\.count).max()
        else { return scale }
        scale.lowest = log10(Double(max(1, lowest))).rounded(.down)
        scale.highest = max(scale.lowest + 1, log10(Double(max(1, highest))).rounded(.up))
        // Rarer than one in all says nothing.
        scale.decades = min(decadesMax, max(1, log10(Double(max(1, count))).rounded(.up)))
        return scale
    }

    private static func points(of histogram: Histogram, _ scale: Scale) -> String {
        let total = Double(histogram.count)
        var seen = 0.0
        var points: [String] = []
        func add(_ decade: Double, _ nanoseconds: Double) {
            let level = log10(max(1, nanoseconds))
            points.append(
                "\(number(scale.x(min(decade, scale.decades)))),\(number(scale.y(level)))")
        }
        for bucket in histogram.buckets {
            // Before this bucket so many were shorter, and after it so many are.
            let value = Double(min(bucket.values.upperBound, histogram.max))
            add(-log10(max(1e-12, 1 - seen / total)), value)
            seen += Double(bucket.count)
            if seen < total { add(-log10(max(1e-12, 1 - seen / total)), value) }
        }
        add(scale.decades, Double(histogram.max))
        return points.joined(separator: " ")
    }

    private static func grid(_ scale: Scale) -> String {
        var lines = ""
        for decade in 0...Int(scale.decades) {
            let x = number(scale.x(Double(decade)))
            let name = ["0", "90", "99", "99.9", "99.99", "99.999", "99.9999"][min(decade, 6)]
            lines += """
                <line x1="\(x)" x2="\(x)" y1="\(number(top))" y2="\(number(height - bottom))" \
                stroke="#ddd"/>
                <text x="\(x)" y="\(number(height - bottom + 18))" \
                text-anchor="middle">\(name) %</text>

                """
        }
        for level in Int(scale.lowest)...Int(scale.highest) {
            let y = number(scale.y(Double(level)))
            lines += """
                <line x1="\(number(left))" x2="\(number(width - right))" y1="\(y)" y2="\(y)" \
                stroke="#ddd"/>
                <text x="\(number(left - 8))" y="\(y)" dy="4" \
                text-anchor="end">\(name(ofLevel: level))</text>

                """
        }
        return lines + """
            <text x="\(number((left + width - right) / 2))" y="\(number(height - 10))" \
            text-anchor="middle">share of requests that are answered within</text>

            """
    }

    /// 3 is 1 µs.
    private static func name(ofLevel level: Int) -> String {
        let units = ["ns", "µs", "ms", "s"]
        let unit = min(3, max(0, level / 3))
        var digits = "1"
        for _ in 0..<max(0, level - unit * 3) { digits += "0" }
        return "\(digits) \(units[unit])"
    }

    private static func number(_ value: Double) -> String { Numerals.fixed(value, 1) }
}
