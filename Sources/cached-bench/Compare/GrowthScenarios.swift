/// How the cost of a request grows with what there is more of.
enum GrowthScenarios {
    static let all = [items, connections, values, threads]

    static let itemCounts = [10_000, 100_000, 1_000_000, 10_000_000]

    private static let items = Scenario(
        name: "growth-items",
        title: "gets over 10,000 to 10,000,000 items of 32 bytes, `-m 4096`, 32 connections, "
            + "16 requests under way each.",
        servers: [.cached, .memcached]
    ) { run, report throws(CompareError) in
        let counts = run.options.isQuick ? [10_000, 100_000] : itemCounts
        let contenders = points(counts, report.servers) { kind, count in
            var plan = run.timedPlan
            plan.depth = 16
            plan.sets = 0
            plan.keySpace = count
            return Contender(
                setup: ServerSetup(kind: kind, memoryMB: 4096), x: Double(count), plan: plan)
        }
        try measure(run, contenders, &report, xTitle: "items")
        let least = report.samples(.cpuPerRequest, .cached, x: Double(itemCounts[0]))
        let most = report.samples(.cpuPerRequest, .cached, x: Double(counts[counts.count - 1]))
        report.addGoal(
            "server CPU per request with \(Numerals.plain(Double(counts[counts.count - 1]))) items, "
                + "times that with 10,000", .atMost(2), most.ratios(to: least))
    }

    private static let connections = Scenario(
        name: "growth-connections",
        title: "1 to 2,000 connections with one request under way each, 10 gets to a set.",
        servers: [.cached, .memcached, .floor]
    ) { run, report throws(CompareError) in
        let counts = run.options.isQuick ? [1, 32] : [1, 8, 32, 128, 512, 2000]
        let contenders = points(counts, report.servers) { kind, count in
            var plan = run.timedPlan
            plan.connections = count
            return Contender(
                setup: ServerSetup(kind: kind, memoryMB: 256), x: Double(count), plan: plan)
        }
        try measure(run, contenders, &report, xTitle: "connections", repetitions: 3)
    }

    private static let values = Scenario(
        name: "growth-values",
        title: "gets of values of 10 bytes to 1 MB, 32 connections, one request under way each.",
        servers: [.cached, .memcached, .floor]
    ) { run, report throws(CompareError) in
        // memcached's largest item is 1 MiB by default, key and header included.
        let sizes =
            run.options.isQuick ? [10, 10_000] : [10, 100, 1000, 10_000, 100_000, 1_000_000]
        let contenders = points(sizes, report.servers) { kind, size in
            var plan = run.timedPlan
            plan.sets = 0
            plan.valueSizes = .fixed(size)
            plan.keySpace = min(10_000, 64_000_000 / size)
            return Contender(
                setup: ServerSetup(kind: kind, memoryMB: 512, valueBytes: size),
                x: Double(size), plan: plan)
        }
        try measure(run, contenders, &report, xTitle: "value bytes", repetitions: 3)
    }

    private static let threads = Scenario(
        name: "growth-threads",
        title: "servers with 1, 2 and 4 threads, 32 connections, 16 requests under way each, "
            + "10 gets to a set.",
        servers: [.cached, .memcached, .floor]
    ) { run, report throws(CompareError) in
        let contenders = points([1, 2, 4], report.servers) { kind, count in
            var plan = run.timedPlan
            plan.depth = 16
            return Contender(
                setup: ServerSetup(kind: kind, threads: count, memoryMB: 256),
                x: Double(count), plan: plan)
        }
        try measure(run, contenders, &report, xTitle: "threads", repetitions: 3)
    }

    /// Every server at every point.
    private static func points(
        _ counts: [Int], _ servers: [ServerKind], _ make: (ServerKind, Int) -> Contender
    ) -> [Contender] {
        counts.flatMap { count in servers.map { make($0, count) } }
    }

    private static func measure(
        _ run: CompareRun, _ contenders: [Contender], _ report: inout ScenarioReport,
        xTitle: String, repetitions: Int = .max
    ) throws(CompareError) {
        let times = run.options.repetitions(atMost: repetitions)
        try run.takeTurns(contenders, &report, repetitions: times) { report, contender, result in
            LoadScenarios.recordCost(
                &report, contender.setup.kind, result, x: contender.x, xTitle: xTitle)
        }
    }
}
