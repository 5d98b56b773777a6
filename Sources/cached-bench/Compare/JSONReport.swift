/// `results.json`.
enum JSONReport {
    static func text(
        _ reports: [ScenarioReport], machine: Machine, options: CompareOptions
    ) -> String {
        let facts = machine.facts.map { ($0.name, JSONValue.string($0.value)) }
        let document = JSONValue.object([
            ("command", .string(options.command)),
            ("machine", .object(facts)),
            ("seconds", .number(options.seconds)),
            ("repetitions", .integer(options.repetitions)),
            ("scenarios", .array(reports.map(scenario))),
        ])
        return document.rendered() + "\n"
    }

    private static func scenario(_ report: ScenarioReport) -> JSONValue {
        .object([
            ("name", .string(report.name)),
            ("title", .string(report.title)),
            ("failure", report.failure.map { .string($0) } ?? .null),
            ("metrics", .array(report.metrics.map(metric))),
            ("goals", .array(report.goals.map(goal))),
            ("notes", .array(report.notes.map { .string($0) })),
        ])
    }

    private static func metric(_ metric: Metric) -> JSONValue {
        let measured = ServerKind.allCases.compactMap { server in
            metric.samples[server].map { (server.rawValue, samples($0)) }
        }
        let ratios = ServerKind.allCases.filter { $0 != .cached }.compactMap { server in
            metric.samples[server].flatMap { other in
                metric.samples[.cached].map { (server.rawValue, samples($0.ratios(to: other))) }
            }
        }
        return .object([
            ("name", .string(metric.kind.name)),
            ("title", .string(metric.kind.title)),
            ("unit", .string(metric.kind.unit)),
            ("x", metric.x.map(number) ?? .null),
            ("x_title", .string(metric.xTitle)),
            ("servers", .object(measured)),
            ("cached_to", .object(ratios)),
        ])
    }

    private static func samples(_ samples: Samples) -> JSONValue {
        .object([
            ("median", samples.median.map(number) ?? .null),
            ("min", samples.smallest.map(number) ?? .null),
            ("max", samples.largest.map(number) ?? .null),
            ("values", .array(samples.values.map(number))),
        ])
    }

    /// Six digits behind the point are more than was measured.
    private static func number(_ value: Double) -> JSONValue {
        .number((value * 1e6).rounded() / 1e6)
    }

    private static func goal(_ goal: Goal) -> JSONValue {
        .object([
            ("goal", .string(goal.text)),
            ("measured", samples(goal.measured)),
            ("reached", goal.isReached.map { .bool($0) } ?? .null),
        ])
    }
}
