/// What requests cost and how long they take.
enum LoadScenarios {
    static let all = DepthScenarios.all + [multiget, openLoop, large]

    static func recordCost(
        _ report: inout ScenarioReport, _ kind: ServerKind, _ result: LoadResult,
        x: Double? = nil, xTitle: String = ""
    ) {
        let cpuSeconds = result.server?.cpuSeconds ?? .nan
        report.record(
            .cpuPerRequest, kind, cpuSeconds * 1e6 / Double(result.requests),
            x: x, xTitle: xTitle)
        report.record(
            .requestsPerSecond, kind, result.requestsPerSecond, x: x, xTitle: xTitle)
    }

    static func recordLatency(
        _ report: inout ScenarioReport, _ kind: ServerKind, _ result: LoadResult
    ) {
        for (metric, percentile) in [
            (MetricKind.latency50, 50.0), (.latency99, 99), (.latency999, 99.9),
        ] {
            let nanoseconds = result.getLatency.value(atPercentile: percentile)
            report.record(metric, kind, Double(nanoseconds) / 1000)
        }
    }

    private static let multiget = Scenario(
        name: "multiget",
        title: "gets of 100 keys each over 5,000,000 items of 32 bytes, `-m 2048`, "
            + "8 connections with one request under way each.",
        servers: [.cached, .memcached, .floor]
    ) { run, report throws(CompareError) in
        var plan = run.timedPlan
        plan.connections = 8
        plan.keysPerGet = 100
        plan.sets = 0
        plan.keySpace = run.options.scaled(5_000_000)
        let contenders = report.servers.map { kind in
            Contender(setup: ServerSetup(kind: kind, memoryMB: 2048), plan: plan)
        }
        try run.takeTurns(contenders, &report) { report, contender, result in
            let keys = Double(result.hits + result.misses)
            let cpuSeconds = result.server?.cpuSeconds ?? .nan
            report.record(.cpuPerKey, contender.setup.kind, cpuSeconds * 1e6 / keys)
            report.record(
                .requestsPerSecond, contender.setup.kind, result.requestsPerSecond)
        }
        report.addGoal(.cpuPerKey, .atMost(0.35), times: .memcached)
    }

    /// The percentiles of the curve.
    static let percentiles = [50, 75, 90, 95, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.99]

    private static let openLoop = Scenario(
        name: "openloop",
        title: "64 connections, 10 gets to a set, requests sent when they are due, whether or not "
            + "the answer before is there: half as many a second as memcached can take.",
        servers: [.cached, .memcached]
    ) { run, report throws(CompareError) in
        var plan = run.timedPlan
        plan.connections = 64
        let peak = try peakOfMemcached(run, plan)
        plan.requestsPerSecond = (peak / 2).rounded()
        let contenders = report.servers.map { kind in
            Contender(setup: ServerSetup(kind: kind, memoryMB: 256), plan: plan)
        }
        var ownDelay = Histogram()
        var unsent = 0
        try run.takeTurns(contenders, &report) { report, contender, result in
            let kind = contender.setup.kind
            ownDelay.merge(result.sendDelay)
            unsent += result.requestsUnsent
            recordCost(&report, kind, result)
            recordLatency(&report, kind, result)
            for percentile in percentiles {
                let nanoseconds = result.getLatency.value(atPercentile: percentile)
                report.record(
                    .latencyCurve, kind, Double(nanoseconds) / 1000, x: percentile,
                    xTitle: "percentile")
            }
        }
        report.notes.append(
            "memcached answered \(Numerals.short(peak)) requests a second in a closed loop; "
                + "\(Numerals.short(peak / 2)) a second were sent. The load generator itself sent "
                + "99 % of them within "
                + "\(Numerals.short(Double(ownDelay.value(atPercentile: 99)) / 1000)) µs of when they "
                + "were due" + (unsent > 0 ? "; \(unsent) could not be sent at all." : "."))
        report.addGoal(.latency99, .atMost(1), times: .memcached)
        report.addGoal(.latency999, .atMost(1), times: .memcached)
    }

    /// Requests a second in a closed loop.
    private static func peakOfMemcached(
        _ run: CompareRun, _ plan: LoadPlan
    ) throws(CompareError) -> Double {
        let server = try run.start(ServerSetup(kind: .memcached, memoryMB: 256))
        defer { server.stop() }
        _ = try run.fill(plan, on: server)
        let peak = try run.measure(plan, on: server).requestsPerSecond
        guard peak >= 2 else { throw .failed("memcached answers next to nothing") }
        return peak
    }

    private static let large = Scenario(
        name: "large",
        title: "gets of 100 KB values, 1,000 keys, 8 connections with one request under way each.",
        servers: [.cached, .memcached, .floor]
    ) { run, report throws(CompareError) in
        var plan = run.timedPlan
        plan.connections = 8
        plan.sets = 0
        plan.keySpace = 1000
        plan.valueSizes = .fixed(100_000)
        let contenders = report.servers.map { kind in
            Contender(
                setup: ServerSetup(kind: kind, memoryMB: 1024, valueBytes: 100_000), plan: plan)
        }
        try run.takeTurns(contenders, &report) { report, contender, result in
            let kind = contender.setup.kind
            let cpuSeconds = result.server?.cpuSeconds ?? .nan
            report.record(.requestsPerCPUSecond, kind, Double(result.requests) / cpuSeconds)
            recordCost(&report, kind, result)
        }
        report.addGoal(.requestsPerCPUSecond, .atLeast(1.2), times: .memcached)
    }
}
