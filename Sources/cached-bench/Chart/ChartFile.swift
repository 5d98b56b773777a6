/// A drawing of what was measured.
struct ChartFile {
    /// The scenario that it belongs to; nil if it draws several.
    let scenario: String?
    let file: String
    let title: String
    let svg: String

    /// Every chart that there are numbers for.
    static func all(of reports: [ScenarioReport]) -> [ChartFile] {
        overviews(reports) + reports.compactMap(curves)
    }

    // -- several scenarios in one chart --

    private static func overviews(_ reports: [ScenarioReport]) -> [ChartFile] {
        let cpu = BarChart(
            heading: "Server CPU per request",
            explanation: "Each group has a scale of its own; multiget: per key. "
                + "Shorter is better.",
            unit: "µs", scale: .perGroup,
            groups: groups(reports, [.cpuPerRequest, .cpuPerKey]))
        let memory = BarChart(
            heading: "Memory per item besides key and value",
            explanation: "Resident bytes of the process, of a full cache. Shorter is better.",
            unit: "bytes", scale: .common, groups: groups(reports, [.bytesPerItem]))
        let hits = BarChart(
            heading: "Hit ratio",
            explanation: "Of the same sequence of keys, with the same memory limit. "
                + "Longer is better.",
            unit: "%", scale: .common,
            groups: groups(
                reports,
                [.hitRatio, HitRatioScenarios.fresh, HitRatioScenarios.afterShift]))
        let charts = [("cpu.svg", cpu), ("memory.svg", memory), ("hits.svg", hits)]
        return charts.compactMap { file, chart in
            guard !chart.groups.isEmpty else { return nil }
            return ChartFile(
                scenario: nil, file: file, title: chart.heading, svg: chart.file)
        }
    }

    /// A group for each scenario and metric that has numbers.
    private static func groups(
        _ reports: [ScenarioReport], _ kinds: [MetricKind]
    ) -> [BarChart.Group] {
        reports.flatMap { report in
            let metrics = report.metrics.filter { $0.x == nil && kinds.contains($0.kind) }
            return metrics.map { metric in
                let bars = ServerKind.allCases.compactMap { server in
                    metric.samples[server]?.median.map {
                        BarChart.Bar(server: server, value: $0)
                    }
                }
                return BarChart.Group(
                    label: label(report, metric, alone: metrics.count == 1), bars: bars)
            }
        }
    }

    private static func label(
        _ report: ScenarioReport, _ metric: Metric, alone: Bool
    ) -> String {
        if alone { return report.name }
        let part = metric.kind == HitRatioScenarios.afterShift ? "after" : "before"
        return "\(report.name), \(part)"
    }

    // -- one scenario's curves --

    private static func curves(_ report: ScenarioReport) -> ChartFile? {
        let isLatency = report.metrics.contains { $0.kind == .latencyCurve }
        let kind = isLatency ? MetricKind.latencyCurve : .cpuPerRequest
        let points = report.metrics.filter { $0.kind == kind && $0.x != nil }
        guard let first = points.first else { return nil }
        let lines = report.servers.map { server in
            let places = points.compactMap { metric -> (x: Double, y: Double)? in
                guard let x = metric.x, let y = metric.samples[server]?.median else { return nil }
                return (x, y)
            }
            return LineChart.Curve(server: server, points: places.sorted { $0.x < $1.x })
        }
        let chart = LineChart(
            heading: isLatency
                ? "Latency of gets by percentile" : "Server CPU per request by \(first.xTitle)",
            explanation: "In µs. Lower is better.",
            xTitle: first.xTitle, xScale: isLatency ? .percentile : .logarithmic,
            curves: lines.filter { !$0.points.isEmpty })
        return ChartFile(
            scenario: report.name, file: "\(report.name).svg", title: chart.heading,
            svg: chart.file)
    }
}
