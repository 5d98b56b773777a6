/// Results as Markdown: for the terminal, and as README.md beside the charts.
enum MarkdownReport {
    static func section(_ report: ScenarioReport) -> String {
        var text = "## \(report.name)\n\n\(report.title)\n\n"
        if let failure = report.failure { text += "**Not measured to its end:** \(failure)\n\n" }
        text += measurements(report)
        if !report.goals.isEmpty {
            let rows = report.goals.map { goal in
                [goal.text, spread(goal.measured), verdict(goal)]
            }
            text += table(["goal", "measured", ""], rows) + "\n"
        }
        for note in report.notes { text += note + "\n\n" }
        return text
    }

    private static func verdict(_ goal: Goal) -> String {
        switch goal.isReached {
        case .some(true): "reached"
        case .some(false): "**missed**"
        case nil: "not measured"
        }
    }

    private static func measurements(_ report: ScenarioReport) -> String {
        // The many points of a latency curve are in the chart and in results.json.
        let metrics = report.metrics.filter { $0.kind != .latencyCurve }
        guard !metrics.isEmpty else { return "" }
        let servers = report.servers.filter { server in
            metrics.contains { $0.samples[server] != nil }
        }
        let others = servers.contains(.cached) ? servers.filter { $0 != .cached } : []
        let rows = metrics.map { metric in
            let own = metric.samples[.cached] ?? Samples()
            return [metric.title]
                + servers.map { spread(metric.samples[$0] ?? Samples()) }
                + others.map { spread(own.ratios(to: metric.samples[$0] ?? Samples())) }
        }
        let header = [""] + servers.map { $0.rawValue } + others.map { "cached / \($0.rawValue)" }
        return table(header, rows) + "\n"
    }

    /// Median, and in parentheses the lowest and the highest if there is more than one.
    static func spread(_ samples: Samples) -> String {
        guard let median = samples.median, let smallest = samples.smallest,
            let largest = samples.largest
        else { return "–" }
        guard samples.values.count > 1 else { return Numerals.short(median) }
        return "\(Numerals.short(median)) "
            + "(\(Numerals.short(smallest))…\(Numerals.short(largest)))"
    }

    static func table(_ header: [String], _ rows: [[String]]) -> String {
        // The first column is text, the others are numbers.
        let rule = header.indices.map { $0 == 0 ? "---" : "---:" }
        return ([header, rule] + rows).map { cells in
            let escaped = cells.map { cell in
                cell.split(separator: "|", omittingEmptySubsequences: false).joined(
                    separator: "\\|")
            }
            return "| " + escaped.joined(separator: " | ") + " |\n"
        }.joined()
    }

    /// The whole page.
    static func page(
        _ reports: [ScenarioReport], machine: Machine, options: CompareOptions,
        charts: [ChartFile]
    ) -> String {
        var text = """
            # Benchmarks

            Made by `cached-bench compare`; what it measures is in `results.json` in full.

            """
        text += "\n```sh\n\(options.command)\n```\n\n"
        text += table(["", ""], machine.facts.map { [$0.name, $0.value] }) + "\n"
        text += """
            The servers take turns within each repetition, in an order that changes from one to
            the next. A cell is the median of \(options.repetitions) repetitions (lowest…highest);
            a ratio is that of each repetition, and then their median. CPU is the server process's
            own, in the kernel and outside of it. `floor` is a server that stores nothing and
            answers every get with the same value: what sockets and an event loop alone cost. The
            load generator runs on the same machine, so requests per second say as much of it as
            of the servers.


            """
        if options.isQuick {
            text += """
                This was a quick run, with less data than the titles say: it shows that the
                measurements work, and not what they give.


                """
        }
        for chart in charts where chart.scenario == nil {
            text += "![\(chart.title)](\(chart.file))\n\n"
        }
        for report in reports {
            text += section(report)
            for chart in charts where chart.scenario == report.name {
                text += "![\(chart.title)](\(chart.file))\n\n"
            }
        }
        // One line end at the end.
        while text.hasSuffix("\n\n") { text.removeLast() }
        return text
    }
}
