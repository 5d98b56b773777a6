/// One thing that is measured, with all servers.
struct Scenario: Sendable {
    let name: String
    let title: String
    let servers: [ServerKind]
    let body: @Sendable (CompareRun, inout ScenarioReport) throws(CompareError) -> Void

    static let all: [Scenario] =
        LoadScenarios.all + MemoryScenarios.all + HitRatioScenarios.all + GrowthScenarios.all
        + [StartScenario.scenario]

    /// In the order of `all`.
    ///
    /// - Parameter only: names, or how several of them begin; empty for all.
    static func chosen(_ only: [String]) throws(CompareError) -> [Scenario] {
        if only.isEmpty { return all }
        var names: Set<String> = []
        for word in only {
            // depth1 is a scenario and not also the beginning of depth16.
            let exact = all.filter { $0.name == word }
            let found = exact.isEmpty ? all.filter { $0.name.hasPrefix(word) } : exact
            guard !found.isEmpty else {
                throw .usage("there is no scenario \(word); --list names them")
            }
            names.formUnion(found.map { $0.name })
        }
        return all.filter { names.contains($0.name) }
    }
}

/// What scenarios use to measure.
struct CompareRun {
    let options: CompareOptions

    /// Tells on standard error how far it is.
    func log(_ text: String) { StandardStream.error.write(text + "\n") }

    func start(_ setup: ServerSetup) throws(CompareError) -> RunningServer {
        try RunningServer.start(setup, options.programs)
    }

    /// Runs a plan against a server, whose process is watched meanwhile.
    func load(_ plan: LoadPlan, on server: RunningServer) throws(CompareError) -> LoadResult {
        var plan = plan
        plan.target = .tcp(host: "127.0.0.1", port: server.port)
        plan.serverPID = server.pid
        return try CompareError.wrap("\(server.setup.kind.rawValue): ") { () throws(BenchError) in
            try LoadRun.run(plan)
        }
    }

    /// As `load`, and what it measures has to be what was meant: every answer is the right one,
    /// and hits are hits.
    func measure(
        _ plan: LoadPlan, on server: RunningServer
    ) throws(CompareError) -> LoadResult {
        let result = try load(plan, on: server)
        let name = server.setup.kind.rawValue
        guard result.requests > 0, let usage = result.server, usage.cpuSeconds > 0 else {
            throw .failed("\(name) was not measured: \(result.requests) requests")
        }
        guard result.connectionsLost == 0 else {
            throw .failed("\(name): \(result.firstLoss ?? "a connection was lost")")
        }
        guard result.errors == 0, result.setsNotStored == 0 else {
            throw .failed(
                "\(name): \(result.errors) errors, \(result.setsNotStored) sets not stored; "
                    + (result.firstError ?? ""))
        }
        guard result.misses * 100 <= result.hits else {
            throw .failed("\(name): \(result.misses) misses beside \(result.hits) hits")
        }
        return result
    }

    /// For runs that go on past a full cache: memcached refuses a few sets when it cannot evict fast
    /// enough. They are told of; with more than a hundredth this is another load than was meant.
    func checkRefusals(
        _ result: LoadResult, _ kind: ServerKind, _ report: inout ScenarioReport
    ) throws(CompareError) {
        let refused = result.setsNotStored
        guard refused > 0 || result.errors > 0 else { return }
        let what = "\(kind.rawValue) refused \(refused) of \(result.sets) sets"
        guard result.errors <= refused, refused * 100 <= result.sets else {
            throw .failed("\(what); \(result.errors) errors, \(result.firstError ?? "")")
        }
        report.notes.append(what + (result.firstError.map { " (\($0))." } ?? "."))
    }

    /// Stores every key of a plan's key space, once.
    func fill(_ plan: LoadPlan, on server: RunningServer) throws(CompareError) -> LoadResult {
        var filling = plan.filling
        filling.connections = 4
        return try load(filling, on: server)
    }

    /// Items carry no client flags: these would cost memory beside key and value.
    var basicPlan: LoadPlan {
        var plan = LoadPlan()
        plan.setsFlags = false
        return plan
    }

    /// A plan that runs as long as the options say, its warm-up besides.
    var timedPlan: LoadPlan {
        var plan = basicPlan
        plan.warmUpSeconds = min(0.5, options.seconds / 5)
        plan.end = LoadPlan.End(afterSeconds: options.seconds, afterRequests: nil)
        return plan
    }

    /// The order of turns in a repetition: another server begins each time.
    static func rotated<Element>(_ elements: [Element], by turn: Int) -> [Element] {
        guard !elements.isEmpty else { return [] }
        let start = turn % elements.count
        return Array(elements[start...] + elements[..<start])
    }
}

/// A server with the load that it gets, one of several that take turns.
struct Contender {
    let setup: ServerSetup
    /// What distinguishes this point of a curve.
    var x: Double?
    let plan: LoadPlan
    var isFilled = true
}

extension CompareRun {
    /// Starts and fills a server for each contender, then lets them take turns.
    func takeTurns(
        _ contenders: [Contender], _ report: inout ScenarioReport, repetitions: Int? = nil,
        _ record: (inout ScenarioReport, Contender, LoadResult) -> Void
    ) throws(CompareError) {
        var running: [(contender: Contender, server: RunningServer)] = []
        defer { for entry in running { entry.server.stop() } }
        for contender in contenders {
            let server = try start(contender.setup)
            running.append((contender, server))
            guard contender.isFilled, contender.setup.kind != .floor else { continue }
            log("\(report.name): filling \(label(contender)) with \(contender.plan.keySpace) items")
            let filled = try fill(contender.plan, on: server)
            guard filled.errors == 0, filled.setsNotStored == 0 else {
                throw .failed("\(contender.setup.kind.rawValue) does not take what it is given")
            }
        }
        var bound: Set<ServerKind> = []
        let turns = repetitions ?? options.repetitions
        for turn in 0..<turns {
            for entry in CompareRun.rotated(running, by: turn) {
                let result = try measure(entry.contender.plan, on: entry.server)
                log("\(report.name): \(turn + 1) of \(turns), \(label(entry.contender))")
                if result.isGeneratorBound { bound.insert(entry.contender.setup.kind) }
                record(&report, entry.contender, result)
            }
        }
        guard !bound.isEmpty else { return }
        let names = report.servers.filter { bound.contains($0) }.map { $0.rawValue }
        report.notes.append(
            "The load generator had no time to spare with \(names.joined(separator: ", ")): "
                + "more requests per second may be possible.")
    }

    private func label(_ contender: Contender) -> String {
        let name = contender.setup.kind.rawValue
        return contender.x.map { "\(name) at \(Numerals.plain($0))" } ?? name
    }
}
