import Testing

@testable import cached_bench

@Suite struct OptionTests {
    private func plan(_ arguments: String...) throws -> LoadPlan {
        try RunOptions.parse(arguments).plan
    }

    private func refusal(_ arguments: [String]) -> String? {
        do throws(OptionError) {
            _ = try RunOptions.parse(arguments)
            return nil
        } catch {
            return error.message
        }
    }

    @Test func withoutOptionsTheDefaultsHold() throws {
        let options = try RunOptions.parse([])
        #expect(options.plan.end == LoadPlan.End(afterSeconds: 10, afterRequests: nil))
        #expect(options.plan.target == .tcp(host: "127.0.0.1", port: 11211))
        #expect((options.plan.gets, options.plan.sets) == (10, 1))
        #expect(options.plan.source == .generated)
        #expect(options.format == .text)
        try options.plan.check()
    }

    @Test func theServer() throws {
        #expect(try plan("--server=h:1").target == .tcp(host: "h", port: 1))
        #expect(try plan("--server", "h").target == .tcp(host: "h", port: 11211))
        #expect(try plan("--server=[::1]:2").target == .tcp(host: "::1", port: 2))
        #expect(try plan("--unix=/tmp/s").target == .unix(path: "/tmp/s"))
        #expect(try plan("--protocol=meta").protocolKind == .meta)
        #expect(try plan("--protocol=binary").protocolKind == .binary)
        #expect(try plan("--server-pid=12").serverPID == 12)
    }

    @Test func theLoad() throws {
        #expect(try plan("--connections=7", "--threads=2").connections == 7)
        #expect(try plan("--threads", "2").threads == 2)
        #expect(try plan("--depth=9").depth == 9)
        #expect(try plan("--keys-per-get=3").keysPerGet == 3)
        #expect(try plan("--ratio=2:3").sets == 2)
        #expect(try plan("--ratio=2:3").gets == 3)
        let aside = try plan("--look-aside")
        #expect(aside.lookAside && aside.sets == 0 && aside.gets == 1)
        #expect(try plan("--look-aside", "--ratio=1:1").sets == 1)
        let open = try plan("--rate=1500.5")
        #expect(open.requestsPerSecond == 1500.5)
        #expect(open.depth == 1000)
        #expect(try plan("--rate=1", "--depth=2").depth == 2)
    }

    @Test func keysAndValues() throws {
        #expect(try plan("--keys=5").keySpace == 5)
        #expect(try plan("--key-prefix=x").keyPrefix == "x")
        #expect(try plan("--key-bytes=40").keyBytes == 40)
        #expect(try plan("--distribution=zipf:0.99").keyDistribution == .zipf(exponent: 0.99))
        #expect(
            try plan("--distribution=gaussian:0.1").keyDistribution == .gaussian(deviation: 0.1))
        #expect(try plan("--distribution=sequential").keyDistribution == .sequential)
        #expect(try plan("--distribution=uniform").keyDistribution == .uniform)
        #expect(try plan("--value-size=7").valueSizes == .fixed(7))
        #expect(try plan("--value-size=7-9").valueSizes == .uniform(7...9))
        #expect(try plan("--value-size=log:7-9").valueSizes == .logUniform(7...9))
        #expect(
            try plan("--value-size=32*9,1000*1,5").valueSizes
                == .list([
                    .init(bytes: 32, weight: 9), .init(bytes: 1000, weight: 1),
                    .init(bytes: 5, weight: 1),
                ]))
        #expect(try plan("--flags=zero").setsFlags == false)
        #expect(try plan("--ttl=60").ttlSeconds == 60)
        #expect(try plan("--verify").verifies)
        #expect(try plan("--seed=18446744073709551615").seed == .max)
    }

    @Test func sourcesAndEnds() throws {
        let fill = try plan("--fill")
        #expect(fill.source == .fill && fill.depth == 64 && fill.end == LoadPlan.End())
        #expect(try RunOptions.parse(["--fill-first"]).fillsFirst)
        let trace = try plan("--trace=f", "--trace-format=lines")
        #expect(trace.source == .trace(path: "f", format: .lines))
        #expect(trace.end == LoadPlan.End())
        #expect(try plan("--seconds=0.5").end.afterSeconds == 0.5)
        let counted = try plan("--requests=9")
        #expect(counted.end == LoadPlan.End(afterSeconds: nil, afterRequests: 9))
        #expect(try plan("--warm-up=2").warmUpSeconds == 2)
    }

    @Test func theReport() throws {
        let options = try RunOptions.parse([
            "--format=json", "--output=o", "--chart=c.svg", "--quiet",
        ])
        #expect(options.format == .json && options.outputPath == "o")
        #expect(options.chartPath == "c.svg" && options.isQuiet)
        #expect(try RunOptions.parse(["--help", "--fill"]).wantsHelp)
        #expect(try RunOptions.parse(["-h"]).wantsHelp)
    }

    /// What is wrong, and that the message says what would be right.
    @Test(arguments: [
        (["--depth=0"], "1 to 65536"), (["--depth=x"], "1 to 65536"),
        (["--depth"], "needs a value"),
        (["--depth=1", "--depth=2"], "twice"), (["--nothing"], "--help"), (["nothing"], "--help"),
        (["--verify=1"], "takes no value"), (["--server=h:70000"], "HOST:PORT"),
        (["--server=:1"], "HOST:PORT"), (["--server=[::1"], "HOST:PORT"),
        (["--unix="], "1 to 107 bytes"), (["--protocol=udp"], "text, meta, binary"),
        (["--server-pid=0"], "process"), (["--threads=3", "--connections=2"], "3 threads"),
        (["--ratio=0:0"], "not both 0"), (["--ratio=1"], "two numbers"),
        (["--rate=0"], "above 0"), (["--rate=nan"], "above 0"), (["--rate=1e9"], "above 0"),
        (["--keys=0"], "1 to"), (["--key-prefix=a b"], "without blanks"),
        (["--key-bytes=5"], "too short"), (["--distribution=zipf"], "zipf:EXPONENT"),
        (["--distribution=zipf:0"], "zipf:EXPONENT"), (["--value-size=9-7"], "LOW-HIGH"),
        (["--value-size=log:0-7"], "LOW-HIGH"), (["--value-size=1*0"], "WEIGHT"),
        (["--value-size="], "BYTES"), (["--flags=7"], "key, zero"),
        (["--ttl=2592001"], "0 to 2592000"), (["--seed=-1"], "2^64"),
        (["--seconds=0"], "above 0"), (["--requests=0"], "1 to"), (["--warm-up=-1"], "from 0"),
        (["--format=xml"], "text, json, csv"), (["--chart=c.png"], ".html or .svg"),
        (["--trace-format=lines"], "needs --trace"), (["--trace=f"], "needs --trace-format"),
        (["--server=h", "--unix=/s"], "do not go together"),
        (["--fill", "--seconds=1"], "do not go together"),
        (["--fill", "--look-aside"], "do not go together"),
        (["--fill-first", "--trace=f", "--trace-format=lines"], "do not go together"),
        (["--trace=f", "--trace-format=u32be", "--keys=9"], "do not go together"),
        (["--trace=f", "--trace-format=lines", "--key-prefix=x"], "do not go together"),
        (["--trace=f", "--trace-format=oracleGeneral", "--value-size=9"], "do not go together"),
        (["--ratio=1:0", "--verify"], "needs gets"),
        (["--ratio=1:0", "--look-aside"], "needs gets"),
        (["--ratio=0:1", "--ttl=1"], "nothing is set"),
        (["--ratio=0:1", "--value-size=9"], "nothing is set"),
        (["--connections=60000", "--depth=65536"], "is more than"),
    ])
    func refusals(arguments: [String], part: String) {
        let message = refusal(arguments)
        #expect(message?.contains(part) == true, "\(arguments): \(message ?? "accepted")")
    }

    @Test func helpHasEveryOptionAndFits() {
        let page = RunHelp.text()
        for group in RunOptionTable.groups {
            for option in group.options { #expect(page.contains("--\(option.name)")) }
        }
        for line in page.split(separator: "\n") { #expect(line.utf8.count <= 80, "\(line)") }
        let names = RunOptionTable.groups.flatMap { $0.options.map(\.name) }
        #expect(Set(names).count == names.count)
    }
}
