/// Every option of `cached-bench run`, in the order of the help page.
enum RunOptionTable {
    struct Group: Sendable {
        let title: String
        let options: [RunOption]
    }

    static let groups: [Group] = [
        Group(title: "The server", options: server),
        Group(title: "The load", options: load),
        Group(title: "Keys and values", options: items),
        Group(title: "Other sources of requests", options: sources),
        Group(title: "When it ends, and when it counts", options: ends),
        Group(title: "The report", options: report),
    ]

    static func find(_ name: String) -> RunOption? {
        for group in groups {
            if let option = group.options.first(where: { $0.name == name }) { return option }
        }
        return nil
    }

    private static let server: [RunOption] = [
        .custom(
            "server", "HOST:PORT", allowed: "HOST, HOST:PORT or [V6]:PORT",
            default: "127.0.0.1:11211", "The server, over TCP."
        ) { (options, text) throws(OptionError) in
            guard let target = OptionText.server(text) else { throw OptionText.refused }
            options.plan.target = target
        },
        .custom("unix", "PATH", allowed: "a path", "The server, on a unix socket.") {
            (options, text) throws(OptionError) in
            guard 1...107 ~= text.utf8.count else {
                throw OptionError("is no path of 1 to 107 bytes, as a unix socket needs it")
            }
            options.plan.target = .unix(path: text)
        },
        .choice(
            "protocol", LoadPlan.ProtocolKind.self, default: "text",
            "text: get and set. meta: the commands mg and ms. binary: get and set, or getk with "
                + "--verify. Several keys in one get (--keys-per-get) are one line of text, or a "
                + "run of quiet gets (mg with q; getq, or getkq with --verify) that a no-op ends."
        ) { $0.plan.protocolKind = $1 },
        .custom(
            "server-pid", "PID", allowed: "the number of a process",
            default: "what a local server's stats say",
            "The server's process, for its CPU time and memory."
        ) { (options, text) throws(OptionError) in
            guard let number = OptionText.integer(text).flatMap({ Int32(exactly: $0) }), number > 0
            else { throw OptionText.refused }
            options.plan.serverPID = number
        },
    ]

    private static let load: [RunOption] = [
        .number(
            "connections", \.plan.connections, in: 1...LoadLimits.connectionsMax,
            "Connections in all."),
        .number(
            "threads", \.plan.threads, in: 1...LoadLimits.threadsMax,
            "Threads; the connections are dealt out to them."),
        .number(
            "depth", \.plan.depth, in: 1...LoadLimits.depthMax,
            default: "1; 1000 with --rate, 64 with --fill",
            "Requests that a connection has under way. Those that can be sent together are, "
                + "with one system call."),
        .number(
            "keys-per-get", \.plan.keysPerGet, in: 1...LoadLimits.keysPerGetMax,
            "Keys in one get."),
        .custom(
            "ratio", "SETS:GETS", allowed: "two numbers from 0 to 1000000, not both 0",
            default: "1:10; 0:1 with --look-aside", "Sets and gets in the mix, at random."
        ) { (options, text) throws(OptionError) in
            guard let (sets, gets) = OptionText.pair(text, ":"),
                let setParts = OptionText.integer(sets), 0...LoadLimits.ratioMax ~= setParts,
                let getParts = OptionText.integer(gets), 0...LoadLimits.ratioMax ~= getParts,
                setParts + getParts > 0
            else { throw OptionText.refused }
            options.plan.sets = setParts
            options.plan.gets = getParts
        },
        .toggle(
            "look-aside", \.plan.lookAside,
            "A get that misses is followed by a set of that key on the same connection."),
        .custom(
            "rate", "N", allowed: "a number above 0, up to 100000000",
            default: "as fast as the answers come",
            "Open loop: requests a second over all connections, evenly spaced, each sent when it "
                + "is due even if earlier ones are not answered. One that finds no room (--depth) "
                + "waits, and its latency counts from when it was due."
        ) { (options, text) throws(OptionError) in
            guard let rate = OptionText.decimal(text), rate > 0,
                rate <= LoadLimits.requestsPerSecondMax
            else { throw OptionText.refused }
            options.plan.requestsPerSecond = rate
        },
    ]
}
