import Glibc

/// Curves, one for each server, over an axis that is logarithmic in one way or another.
struct LineChart {
    struct Curve {
        let server: ServerKind
        /// In ascending order of x.
        let points: [(x: Double, y: Double)]
    }

    enum XScale {
        case logarithmic
        /// 90, 99 and 99.9 percent are as far apart as 90 is from none.
        case percentile

        func place(_ x: Double) -> Double {
            switch self {
            case .logarithmic: log10(max(x, 1e-9))
            case .percentile: -log10(1 - min(x, 99.999) / 100)
            }
        }
    }

    let heading: String
    let explanation: String
    let xTitle: String
    let xScale: XScale
    let curves: [Curve]

    private static let width = 720
    private static let height = 440
    private static let left = 76.0
    private static let right = 690.0
    private static let top = SVG.topHeight + 8
    private static let bottom = 384.0
    /// Values further apart are drawn on a logarithmic axis.
    private static let linearSpanMax = 20.0

    var file: String {
        var svg = SVG(width: LineChart.width, height: LineChart.height)
        svg.top(heading, explanation, curves.map { $0.server })
        let points = curves.flatMap { $0.points }
        if !points.isEmpty {
            let axis = YAxis(points.map { $0.y }, linearSpanMax: LineChart.linearSpanMax)
            drawGrid(&svg, axis, Set(points.map { $0.x }).sorted())
            for curve in curves { draw(curve, &svg, axis) }
        }
        return svg.file(title: heading)
    }

    private func horizontal(_ x: Double) -> Double {
        let places = curves.flatMap { $0.points }.map { xScale.place($0.x) }
        guard let least = places.min(), let most = places.max(), most > least else {
            return (LineChart.left + LineChart.right) / 2
        }
        let share = (xScale.place(x) - least) / (most - least)
        return LineChart.left + share * (LineChart.right - LineChart.left)
    }

    private func vertical(_ y: Double, _ axis: YAxis) -> Double {
        LineChart.bottom - axis.share(of: y) * (LineChart.bottom - LineChart.top)
    }

    private func drawGrid(_ svg: inout SVG, _ axis: YAxis, _ values: [Double]) {
        for tick in axis.ticks {
            let y = vertical(tick, axis)
            svg.line(x1: LineChart.left, y1: y, x2: LineChart.right, y2: y, style: "grid")
            svg.text(
                LineChart.compact(tick), x: LineChart.left - 10, y: y + 4, anchor: .end,
                style: "faint")
        }
        var lastX = -100.0
        for value in values {
            let x = horizontal(value)
            // Numbers that would lie on one another are left out.
            guard x - lastX > 42 else { continue }
            lastX = x
            svg.line(x1: x, y1: LineChart.bottom, x2: x, y2: LineChart.bottom + 5, style: "grid")
            svg.text(
                LineChart.compact(value), x: x, y: LineChart.bottom + 22, anchor: .middle,
                style: "faint")
        }
        svg.text(
            xTitle, x: (LineChart.left + LineChart.right) / 2, y: LineChart.bottom + 44,
            anchor: .middle, style: "faint")
    }

    private func draw(_ curve: Curve, _ svg: inout SVG, _ axis: YAxis) {
        let colour = SVG.colour(of: curve.server)
        let places = curve.points.map { (x: horizontal($0.x), y: vertical($0.y, axis)) }
        svg.polyline(places, style: "line line-\(colour)")
        for place in places { svg.dot(x: place.x, y: place.y, style: "bar-\(colour)") }
    }

    /// 1,000,000 as 1M.
    static func compact(_ value: Double) -> String {
        if value >= 1_000_000 { return Numerals.plain(value / 1_000_000) + "M" }
        if value >= 1000 { return Numerals.plain(value / 1000) + "k" }
        return Numerals.plain(value)
    }
}

/// From 0 in even steps, or in powers of ten.
struct YAxis {
    private let isLogarithmic: Bool
    private let least: Double
    private let most: Double
    let ticks: [Double]

    init(_ values: [Double], linearSpanMax: Double) {
        let smallest = values.min() ?? 0
        let largest = max(values.max() ?? 1, 1e-9)
        isLogarithmic = smallest > 0 && largest / smallest > linearSpanMax
        if isLogarithmic {
            let low = log10(smallest).rounded(.down)
            least = low
            // A little above the highest point.
            most = log10(largest) + 0.05
            ticks = stride(from: low, through: most, by: 1).map { pow(10, $0) }
        } else {
            let step = YAxis.step(for: largest)
            least = 0
            most = (largest / step).rounded(.up) * step
            ticks = stride(from: 0, through: most + step / 2, by: step).map { $0 }
        }
    }

    func share(of value: Double) -> Double {
        let place = isLogarithmic ? log10(value) : value
        return (place - least) / (most - least)
    }

    /// 1, 2 or 5 of a power of ten, so that there are four to ten steps.
    private static func step(for largest: Double) -> Double {
        let power = pow(10, log10(largest).rounded(.down))
        let leading = largest / power
        return leading < 2 ? power / 5 : leading < 5 ? power / 2 : power
    }
}
