import Glibc
import SystemCalls

/// `cached-bench run`.
enum RunCommand {
    static func run(arguments: [String]) -> Int32 {
        let options: RunOptions
        do throws(OptionError) {
            options = try RunOptions.parse(arguments)
        } catch {
            BenchTool.complain(error.message)
            return BenchTool.usageStatus
        }
        if options.wantsHelp {
            print(RunHelp.text(), terminator: "")
            return 0
        }
        do throws(BenchError) {
            return try run(options)
        } catch {
            BenchTool.complain(error.message)
            return 1
        }
    }

    private static func run(_ options: RunOptions) throws(BenchError) -> Int32 {
        for path in [options.outputPath, options.chartPath].compactMap({ $0 }) {
            try TextFile.checkWritable(path)
        }
        var fill: LoadResult?
        if options.fillsFirst { fill = try measure(options.plan.filling, options) }
        let result = try measure(options.plan, options)
        let report = RunReport(plan: options.plan, result: result, fill: fill)
        try write(report.rendered(as: options.format), to: options.outputPath)
        if options.format != .text || options.outputPath != nil {
            for warning in report.warnings { BenchTool.complain("warning: \(warning)") }
        }
        if let path = options.chartPath { try write(chart(report, path), to: path) }
        return result.wrongValues > 0 ? 1 : 0
    }

    private static func measure(
        _ plan: LoadPlan, _ options: RunOptions
    ) throws(BenchError) -> LoadResult {
        guard !options.isQuiet, ProgressLine.isWanted else { return try LoadRun.run(plan) }
        defer { ProgressLine.clear() }
        return try LoadRun.run(plan, progress: ProgressLine.show)
    }

    private static func chart(_ report: RunReport, _ path: String) -> String {
        let series = [("get", report.result.getLatency), ("set", report.result.setLatency)]
        if path.hasSuffix(".svg") { return LatencyChart.svg(of: series) }
        return LatencyChart.html(of: series, title: "Latency of \(report.plan.target.text)")
    }

    /// Writes a whole file, or to standard output.
    private static func write(_ text: String, to path: String?) throws(BenchError) {
        if let path { return try TextFile.write(text, to: path) }
        do throws(Errno) {
            try TextFile.write(text, to: STDOUT_FILENO)
        } catch {
            throw BenchError("cannot write standard output: \(error)")
        }
    }
}
