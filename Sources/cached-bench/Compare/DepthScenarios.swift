/// Pipelines of different depths, in each of the protocols.
enum DepthScenarios {
    private static let depths = [64, 16, 1]

    static let all =
        depths.map { text($0) }
        + depths.map { other(.meta, $0, "the meta commands `mg` (with `v`) and `ms`") }
        + depths.map { other(.binary, $0, "`get` and `set` of the binary protocol") }

    private static func text(_ depth: Int) -> Scenario {
        Scenario(
            name: "depth\(depth)",
            title: "32 connections with \(depth == 1 ? "one request" : "\(depth) requests") "
                + "under way each, 10 gets to a set, 200,000 keys, 32-byte values.",
            servers: [.cached, .memcached, .floor]
        ) { run, report throws(CompareError) in
            try measure(depth, .text, run, &report)
            switch depth {
            case 64:
                report.addGoal(.cpuPerRequest, .atMost(0.35), times: .memcached)
                report.addGoal(.cpuPerRequest, .atMost(1.1), times: .floor)
            case 16:
                report.addGoal(.cpuPerRequest, .atMost(0.65), times: .memcached)
            default:
                report.addGoal(.cpuPerRequest, .atMost(0.85), times: .memcached)
                report.addGoal(.cpuPerRequest, .atMost(1.05), times: .floor)
                report.addGoal(.requestsPerSecond, .atLeast(1), times: .memcached)
            }
        }
    }

    private static func other(
        _ kind: LoadPlan.ProtocolKind, _ depth: Int, _ what: String
    ) -> Scenario {
        Scenario(
            name: "\(kind.rawValue)\(depth)", title: "The load of depth\(depth), with \(what).",
            servers: [.cached, .memcached, .floor]
        ) { run, report throws(CompareError) in
            try measure(depth, kind, run, &report)
            report.addGoal(.cpuPerRequest, .atMost(1), times: .memcached)
        }
    }

    private static func measure(
        _ depth: Int, _ protocolKind: LoadPlan.ProtocolKind, _ run: CompareRun,
        _ report: inout ScenarioReport
    ) throws(CompareError) {
        var plan = run.timedPlan
        plan.protocolKind = protocolKind
        plan.depth = depth
        let contenders = report.servers.map { kind in
            Contender(setup: ServerSetup(kind: kind, memoryMB: 256), plan: plan)
        }
        try run.takeTurns(contenders, &report) { report, contender, result in
            let kind = contender.setup.kind
            LoadScenarios.recordCost(&report, kind, result)
            LoadScenarios.recordLatency(&report, kind, result)
        }
    }
}
