import Testing

@testable import cached_bench

@Suite struct CompareReportTests {
    @Test func table() {
        let table = MarkdownReport.table(["", "a"], [["x|y", "1"], ["z", "2"]])
        #expect(table == "|  | a |\n| --- | ---: |\n| x\\|y | 1 |\n| z | 2 |\n")
    }

    @Test func sectionHasMeasurementsGoalsAndNotes() {
        let section = MarkdownReport.section(Self.report("depth1"))
        #expect(section.hasPrefix("## depth1\n\nwhat it does\n\n"))
        #expect(
            section.contains("|  | cached | memcached | floor | cached / memcached | "))
        #expect(section.contains("| server CPU per request (µs) | 2.00 (1.00…3.00) | 4.00 "))
        #expect(section.contains("| 0.500 (0.250…0.750) | reached |"))
        #expect(section.hasSuffix("A note.\n\n"))
    }

    @Test func failureIsTold() {
        var report = ScenarioReport(name: "s", title: "t", servers: [.cached])
        report.failure = "it died"
        #expect(MarkdownReport.section(report).contains("it died"))
    }

    @Test func json() {
        let text = JSONValue.object([
            ("a \"b\"", .string("x\n\u{1}\\é")), ("n", .array([.number(1), .number(0.25)])),
            ("nothing", .null), ("no", .number(.nan)), ("empty", .object([])),
            ("many", .array([.object([("yes", .bool(true))])])),
        ]).rendered()
        let expected = #"""
            {
              "a \"b\"": "x\n\u0001\\é",
              "n": [1, 0.25],
              "nothing": null,
              "no": null,
              "empty": {},
              "many": [
                {
                  "yes": true
                }
              ]
            }
            """#
        #expect(text == expected)
    }

    @Test func optionsAreRead() throws {
        let action = try CompareOptions.parse([
            "--only=a,b", "--repeat", "2", "--seconds=0.5", "--trace=/x/y.xz",
        ])
        guard case .run(let options) = action else {
            Issue.record("it does not run")
            return
        }
        #expect(options.only == ["a", "b"])
        #expect(
            options.command
                == "cached-bench compare --repeat=2 --seconds=0.5 --only=a,b --trace=y.xz")
    }

    /// It can be given again as it stands.
    @Test func longRunsAreNamedWithoutCommas() throws {
        let action = try CompareOptions.parse(["--seconds=1800"])
        guard case .run(let options) = action else {
            Issue.record("it does not run")
            return
        }
        #expect(options.command == "cached-bench compare --repeat=5 --seconds=1800")
    }

    @Test(arguments: [
        ["--repeat=0"], ["--repeat"], ["--seconds=x"], ["--seconds=nan"], ["--quick=1"],
        ["--list=yes"], ["--nothing"], ["depth1"],
    ])
    func wrongOptionsAreRefused(arguments: [String]) {
        #expect(throws: CompareError.self) { try CompareOptions.parse(arguments) }
    }

    @Test func scenariosAreChosenByHowTheirNamesBegin() throws {
        #expect(try Scenario.chosen([]).count == Scenario.all.count)
        #expect(try Scenario.chosen(["memory"]).count == 3)
        #expect(try Scenario.chosen(["depth1"]).map { $0.name } == ["depth1"])
        #expect(try Scenario.chosen(["start", "depth"]).map { $0.name }.last == "start")
        #expect(throws: CompareError.self) { try Scenario.chosen(["start", "nothing"]) }
        #expect(Set(Scenario.all.map { $0.name }).count == Scenario.all.count)
    }

    static func report(_ name: String) -> ScenarioReport {
        var report = ScenarioReport(
            name: name, title: "what it does", servers: [.cached, .memcached, .floor])
        for value in [1.0, 2, 3] {
            report.record(.cpuPerRequest, .cached, value)
            report.record(.cpuPerRequest, .memcached, 4)
            report.record(.cpuPerRequest, .floor, 1)
        }
        report.addGoal(.cpuPerRequest, .atMost(0.5), times: .memcached)
        report.notes.append("A note.")
        return report
    }
}
