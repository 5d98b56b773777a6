import Glibc
import SystemCalls

/// What items and idle connections take.
enum MemoryScenarios {
    private static let memoryMB = 256
    private static let keyBytes = 20
    /// What a burst of sets needed besides may be given back in the meantime.
    private static let restSeconds: UInt32 = 12

    static let all =
        [(32, 45.0), (230, 50.0), (1000, 70.0)].map { valueBytes, goal in
            Scenario(
                name: "memory\(valueBytes)",
                title: "Full with \(valueBytes)-byte values under \(keyBytes)-byte keys, "
                    + "`-m \(memoryMB)`, and then left alone for \(restSeconds) seconds: resident "
                    + "memory of the process for each item, besides key and value.",
                servers: [.cached, .memcached]
            ) { run, report throws(CompareError) in
                try measureItems(valueBytes, run, &report)
                report.addGoal(.bytesPerItem, .atMost(goal))
            }
        } + [idle]

    private static func measureItems(
        _ valueBytes: Int, _ run: CompareRun, _ report: inout ScenarioReport
    ) throws(CompareError) {
        // A quick run has less memory to fill; the program itself weighs more then.
        let limitMB = run.options.isQuick ? 16 : memoryMB
        var plan = run.basicPlan
        plan.keyBytes = keyBytes
        plan.valueSizes = .fixed(valueBytes)
        // A third more than fits if an item took no more than this besides.
        let itemBytes = keyBytes + valueBytes + 40
        plan.keySpace = (limitMB << 20) / itemBytes * 13 / 10
        for turn in 0..<run.options.repetitions(atMost: 3) {
            for kind in CompareRun.rotated(report.servers, by: turn) {
                let server = try run.start(ServerSetup(kind: kind, memoryMB: limitMB))
                defer { server.stop() }
                let idleBytes = try server.residentBytes()
                run.log("\(report.name): filling \(kind.rawValue)")
                let filled = try run.fill(plan, on: server)
                try run.checkRefusals(filled, kind, &report)
                guard try server.statistic("evictions") > 0 else {
                    throw .failed("\(kind.rawValue) is not full with \(plan.keySpace) items")
                }
                let items = Double(try server.statistic("curr_items"))
                rest(run)
                let residentBytes = Double(try server.residentBytes())
                let payloadBytes = Double(keyBytes + valueBytes)
                report.record(.bytesPerItem, kind, residentBytes / items - payloadBytes)
                report.record(
                    .bytesPerItemAboveIdle, kind,
                    (residentBytes - Double(idleBytes)) / items - payloadBytes)
                report.record(.items, kind, items)
                report.record(.residentMB, kind, residentBytes / 1e6)
            }
        }
    }

    private static func rest(_ run: CompareRun) { sleep(run.options.isQuick ? 0 : restSeconds) }

    // -- idle connections --

    private static let idleConnections = 10_000
    /// Beside the connections: what this process has open anyway.
    private static let descriptorsBesides = 500

    private static let idle = Scenario(
        name: "idle10000",
        title: "10,000 connections that asked for the version once and then nothing: resident "
            + "memory with them, less that before, each after \(restSeconds) seconds at rest.",
        servers: [.cached, .memcached]
    ) { run, report throws(CompareError) in
        try raiseDescriptorLimit(to: idleConnections + descriptorsBesides)
        for turn in 0..<run.options.repetitions(atMost: 3) {
            for kind in CompareRun.rotated(report.servers, by: turn) {
                let server = try run.start(ServerSetup(kind: kind, connections: 12_000))
                defer { server.stop() }
                run.log("\(report.name): \(turn + 1), \(kind.rawValue)")
                rest(run)
                let before = try server.residentBytes()
                let with = try residentBytes(of: server, connections: idleConnections, run)
                report.record(.addedMB, kind, Double(with - before) / 1e6)
            }
        }
        report.addGoal(.addedMB, .atMost(30))
    }

    private static func residentBytes(
        of server: RunningServer, connections: Int, _ run: CompareRun
    ) throws(CompareError) -> Int {
        var sockets: [Int32] = []
        sockets.reserveCapacity(connections)
        defer { for socket in sockets { close(socket) } }
        for count in 0..<connections {
            do throws(Errno) {
                var client = try TextClient(port: server.port)
                _ = try client.version()
                sockets.append(client.release())
            } catch {
                throw .failed("\(server.setup.kind.rawValue): connection \(count): \(error)")
            }
        }
        rest(run)
        let resident = try server.residentBytes()
        guard try server.statistic("curr_connections") >= connections else {
            throw .failed("\(server.setup.kind.rawValue) closed some of the connections")
        }
        return resident
    }

    private static func raiseDescriptorLimit(to needed: Int) throws(CompareError) {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard unsafe getrlimit(resource, &limit) == 0, limit.rlim_cur < rlim_t(needed) else {
            return
        }
        limit.rlim_cur = rlim_t(needed)
        limit.rlim_max = max(limit.rlim_max, rlim_t(needed))
        guard unsafe setrlimit(resource, &limit) == 0 else {
            throw .failed("\(needed) files may not be open here; raise the limit (ulimit -n)")
        }
    }
}
