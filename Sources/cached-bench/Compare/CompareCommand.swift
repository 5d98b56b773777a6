import Glibc

/// `cached-bench compare`.
enum CompareCommand {
    /// - Returns: 0 when everything was measured, whether or not the goals are reached; 1 if not;
    ///   2 for wrong options.
    static func run(arguments: [String]) -> Int32 {
        do throws(CompareError) {
            switch try CompareOptions.parse(arguments) {
            case .help:
                StandardStream.output.write(CompareOptions.usage)
                return 0
            case .list:
                for scenario in Scenario.all {
                    StandardStream.output.write("\(scenario.name)\n    \(scenario.title)\n")
                }
                return 0
            case .run(let options):
                return try compare(options)
            }
        } catch {
            return error.report(command: "compare")
        }
    }

    private static func compare(_ options: CompareOptions) throws(CompareError) -> Int32 {
        let scenarios = try Scenario.chosen(options.only)
        let kinds = Set(scenarios.flatMap { $0.servers })
        try options.programs.check(kinds)
        try CompareError.wrap { () throws(BenchError) in try TextFile.makeFolder(options.output) }
        try Children.endOnSignals()
        let machine = try Machine(options.programs, kinds)
        let run = CompareRun(options: options)
        var reports: [ScenarioReport] = []
        for scenario in scenarios {
            var report = ScenarioReport(
                name: scenario.name, title: scenario.title, servers: scenario.servers)
            do throws(CompareError) {
                try scenario.body(run, &report)
            } catch {
                // The others can still be measured.
                report.failure = error.message
            }
            StandardStream.output.write(MarkdownReport.section(report))
            reports.append(report)
        }
        try CompareError.wrap { () throws(BenchError) in try write(reports, machine, options) }
        let failed = reports.filter { $0.failure != nil }.map { $0.name }
        guard failed.isEmpty else {
            throw .failed("not measured to the end: \(failed.joined(separator: ", "))")
        }
        return 0
    }

    private static func write(
        _ reports: [ScenarioReport], _ machine: Machine, _ options: CompareOptions
    ) throws(BenchError) {
        let folder = options.output + "/"
        let charts = ChartFile.all(of: reports)
        for chart in charts { try TextFile.write(chart.svg, to: folder + chart.file) }
        try TextFile.write(
            JSONReport.text(reports, machine: machine, options: options),
            to: folder + "results.json")
        try TextFile.write(
            MarkdownReport.page(reports, machine: machine, options: options, charts: charts),
            to: folder + "README.md")
    }
}
