/// How much of what is asked for is there.
enum HitRatioScenarios {
    static let all = [trace, sizeShift]

    // -- a recorded sequence --

    private static let trace = Scenario(
        name: "trace",
        title: "A recorded sequence of keys, look-aside (a miss is followed by a set), 900-byte "
            + "values, `-m 8`, one connection, one request under way.",
        servers: [.cached, .cachedS3FIFO, .memcached]
    ) { run, report throws(CompareError) in
        guard let path = run.options.tracePath else {
            report.notes.append("Skipped: it takes a trace, which `--trace=FILE` names.")
            return
        }
        var plan = run.basicPlan
        plan.source = .trace(path: path, format: .u32be)
        plan.connections = 1
        plan.lookAside = true
        plan.keyPrefix = ""
        plan.keyBytes = 10
        plan.valueSizes = .fixed(900)
        plan.end = LoadPlan.End(
            afterSeconds: nil, afterRequests: run.options.isQuick ? 20_000 : nil)
        for kind in report.servers {
            run.log("\(report.name): \(kind.rawValue)")
            let server: RunningServer
            do throws(CompareError) {
                server = try run.start(ServerSetup(kind: kind, memoryMB: 8))
            } catch {
                guard kind == .cachedS3FIFO else { throw error }
                report.notes.append("`cached --eviction=s3fifo` is absent: \(error.message)")
                continue
            }
            defer { server.stop() }
            let result = try run.load(plan, on: server)
            try run.checkRefusals(result, kind, &report)
            guard let ratio = result.hitRatio else {
                throw .failed("\(kind.rawValue) answered no get")
            }
            report.record(.hitRatio, kind, ratio * 100)
        }
        let lru = report.samples(.hitRatio, .cached)
        report.addGoal(
            "LRU: points of hit ratio above memcached", .atLeast(2),
            lru.differences(to: report.samples(.hitRatio, .memcached)))
        report.addGoal(
            "S3-FIFO: points of hit ratio above LRU", .atLeast(0.01),
            report.samples(.hitRatio, .cachedS3FIFO).differences(to: lru))
    }

    // -- sizes that change --

    private static let memoryMB = 64
    private static let smallBytes = 100
    private static let largeBytes = 4096
    private static let keyBytes = 20
    static let afterShift = MetricKind(
        name: "hit_ratio_after_shift_percent",
        title: "hit ratio after 100 bytes, 4 KB, 100 bytes", unit: "%")
    static let fresh = MetricKind(
        name: "hit_ratio_fresh_percent", title: "hit ratio with 100 bytes only", unit: "%")
    private static let failures = MetricKind(
        name: "failed_sets", title: "errors and sets not stored, all phases", unit: "")

    private static let sizeShift = Scenario(
        name: "sizeshift",
        title: "Full with 100-byte values, then with 4 KB, then 100 bytes again, `-m 64`, "
            + "look-aside, keys uniform over twice as many as fit: the hit ratio when as many "
            + "were set as fit, beside that of a server that only ever saw 100 bytes.",
        servers: [.cached, .memcached]
    ) { run, report throws(CompareError) in
        for turn in 0..<run.options.repetitions(atMost: 3) {
            for kind in CompareRun.rotated(report.servers, by: turn) {
                run.log("\(report.name): \(turn + 1), \(kind.rawValue)")
                var failed = 0
                let alone = try smallHitRatio(run, kind, shifts: false, &failed)
                let shifted = try smallHitRatio(run, kind, shifts: true, &failed)
                report.record(fresh, kind, alone)
                report.record(afterShift, kind, shifted)
                report.record(failures, kind, Double(failed))
            }
        }
        report.addGoal(
            "points of hit ratio lost by the shift", .atMost(1),
            report.samples(fresh, .cached).differences(to: report.samples(afterShift, .cached)))
        report.addGoal(failures, .atMost(0))
    }

    /// In percent, with 100-byte values, when the cache had its turnover.
    private static func smallHitRatio(
        _ run: CompareRun, _ kind: ServerKind, shifts: Bool, _ failed: inout Int
    ) throws(CompareError) -> Double {
        let limitMB = run.options.isQuick ? 8 : memoryMB
        let server = try run.start(ServerSetup(kind: kind, memoryMB: limitMB))
        defer { server.stop() }
        let small = plan(run, smallBytes, prefix: "small:", limitMB)
        try note(run.fill(small, on: server), &failed)
        // What fits is what is there of twice as much.
        let fits = try server.statistic("curr_items")
        if shifts {
            let large = plan(run, largeBytes, prefix: "large:", limitMB)
            try note(run.fill(large, on: server), &failed)
        }
        try turnOver(run, small, fits, server, &failed)
        var measured = small
        measured.seed = 1_000_003
        measured.end = LoadPlan.End(afterSeconds: nil, afterRequests: small.keySpace)
        let result = try run.load(measured, on: server)
        note(result, &failed)
        guard let ratio = result.hitRatio else {
            throw .failed("\(kind.rawValue) answered no get")
        }
        return ratio * 100
    }

    /// Look-aside over twice as many keys as fit, roughly.
    private static func plan(
        _ run: CompareRun, _ valueBytes: Int, prefix: String, _ limitMB: Int
    ) -> LoadPlan {
        var plan = run.basicPlan
        plan.connections = 4
        plan.depth = 16
        plan.lookAside = true
        plan.sets = 0
        plan.keyPrefix = prefix
        plan.keyBytes = keyBytes
        plan.valueSizes = .fixed(valueBytes)
        plan.keySpace = 2 * (limitMB << 20) / (keyBytes + valueBytes + 40)
        return plan
    }

    /// Sends requests until as many items were set as fit.
    private static func turnOver(
        _ run: CompareRun, _ plan: LoadPlan, _ fits: Int, _ server: RunningServer,
        _ failed: inout Int
    ) throws(CompareError) {
        var plan = plan
        var sets = 0
        // Half of the gets miss when all goes well; a server that stores nothing ends it too.
        for round in 0..<50 where sets < fits {
            plan.seed = UInt64(round + 2)
            plan.end = LoadPlan.End(
                afterSeconds: nil, afterRequests: max(1000, plan.keySpace / 10))
            let result = try run.load(plan, on: server)
            note(result, &failed)
            sets += result.sets
        }
        guard sets >= fits else {
            throw .failed("\(server.setup.kind.rawValue): only \(sets) of \(fits) sets came")
        }
    }

    private static func note(_ result: LoadResult, _ failed: inout Int) {
        // A set that is answered with an error counts as both.
        failed += max(result.errors, result.setsNotStored)
    }
}
