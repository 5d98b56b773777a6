/// Bars that lie, in groups: one bar for each server.
struct BarChart {
    struct Bar {
        let server: ServerKind
        let value: Double
    }

    struct Group {
        let label: String
        let bars: [Bar]
    }

    enum Scale {
        /// The longest bar of all is the whole width.
        case common
        /// The longest of each group is: for numbers that are far apart.
        case perGroup
    }

    let heading: String
    let explanation: String
    let unit: String
    let scale: Scale
    let groups: [Group]

    private static let width = 720
    private static let labelWidth = 150.0
    /// Behind the longest bar, for its number.
    private static let numberWidth = 110.0
    private static let barHeight = 16.0
    private static let barStep = 20.0
    private static let groupGap = 14.0

    var file: String {
        let bars = groups.reduce(0) { $0 + $1.bars.count }
        let height =
            SVG.topHeight + Double(bars) * BarChart.barStep
            + Double(groups.count) * BarChart.groupGap + 12
        var svg = SVG(width: BarChart.width, height: Int(height.rounded(.up)))
        let servers = ServerKind.allCases.filter { server in
            groups.contains { $0.bars.contains { $0.server == server } }
        }
        svg.top(heading, explanation, servers)
        let longest = groups.flatMap { $0.bars }.map { $0.value }.max() ?? 0
        var y = SVG.topHeight
        for group in groups {
            let reference =
                scale == .common ? longest : group.bars.map { $0.value }.max() ?? 0
            draw(group, &svg, y: y, reference: reference)
            y += Double(group.bars.count) * BarChart.barStep + BarChart.groupGap
        }
        return svg.file(title: heading)
    }

    private func draw(_ group: Group, _ svg: inout SVG, y: Double, reference: Double) {
        let room = Double(BarChart.width) - BarChart.labelWidth - BarChart.numberWidth
        let middle = y + Double(group.bars.count) * BarChart.barStep / 2
        svg.text(group.label, x: BarChart.labelWidth - 14, y: middle + 3, anchor: .end)
        for (position, bar) in group.bars.enumerated() {
            let top = y + Double(position) * BarChart.barStep
            // A bar of nothing, or of less, is still a mark.
            let share = reference > 0 ? max(bar.value, 0) / reference : 0
            let length = max(1, share * room)
            svg.rectangle(
                x: BarChart.labelWidth, y: top, width: length, height: BarChart.barHeight,
                style: "bar-\(SVG.colour(of: bar.server))")
            svg.text(
                "\(Numerals.short(bar.value)) \(unit)", x: BarChart.labelWidth + length + 7,
                y: top + 13)
        }
    }
}
