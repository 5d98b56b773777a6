import Testing

@testable import cached_bench

@Suite struct CompareChartTests {
    @Test func barsAreWellFormed() throws {
        let charts = ChartFile.all(of: [CompareReportTests.report("a<b>&\"c\"")])
        #expect(charts.map { $0.file } == ["cpu.svg"])
        for chart in charts { try WellFormed.check(chart.svg) }
        #expect(charts[0].svg.contains("a&lt;b&gt;&amp;&quot;c&quot;"))
    }

    @Test func curvesAreWellFormed() throws {
        var growth = ScenarioReport(
            name: "growth-items", title: "t", servers: [.cached, .memcached])
        for x in [10.0, 1000, 100_000] {
            growth.record(.cpuPerRequest, .cached, x / 3, x: x, xTitle: "items")
            growth.record(.cpuPerRequest, .memcached, x, x: x, xTitle: "items")
        }
        var latency = ScenarioReport(name: "openloop", title: "t", servers: [.cached])
        for percentile in LoadScenarios.percentiles {
            latency.record(.latencyCurve, .cached, percentile, x: percentile, xTitle: "p")
        }
        let charts = ChartFile.all(of: [growth, latency])
        #expect(charts.map { $0.file } == ["growth-items.svg", "openloop.svg"])
        for chart in charts {
            try WellFormed.check(chart.svg)
            #expect(!chart.svg.contains("–"), "a place that is no number")
            #expect(chart.svg.contains("prefers-color-scheme: dark"))
            #expect(!chart.svg.contains("<script"))
        }
    }

    @Test func onePointAndNothingAtAll() throws {
        var single = ScenarioReport(name: "growth-x", title: "t", servers: [.cached])
        single.record(.cpuPerRequest, .cached, 0, x: 1, xTitle: "items")
        for chart in ChartFile.all(of: [single]) { try WellFormed.check(chart.svg) }
        #expect(ChartFile.all(of: []).isEmpty)
        let empty = ScenarioReport(name: "depth1", title: "t", servers: [.cached])
        #expect(ChartFile.all(of: [empty]).isEmpty)
    }

    @Test func linearAxisHasRoundSteps() {
        #expect(YAxis([0.5, 9], linearSpanMax: 20).ticks == (0...9).map { Double($0) })
        #expect(YAxis([12, 40], linearSpanMax: 20).ticks == [0, 5, 10, 15, 20, 25, 30, 35, 40])
        #expect(YAxis([2, 2000], linearSpanMax: 20).ticks == [1, 10, 100, 1000])
        #expect(YAxis([12, 40], linearSpanMax: 20).share(of: 20) == 0.5)
    }
}

/// Enough of XML to find what is not well-formed: tags that do not match, bare ampersands.
enum WellFormed {
    struct Fault: Error {
        let text: String
    }

    static func check(_ text: String) throws(Fault) {
        var open: [Substring] = []
        var rest = text[...]
        var roots = 0
        while let start = rest.firstIndex(of: "<") {
            try checkText(rest[..<start], inside: !open.isEmpty)
            guard let end = rest[start...].firstIndex(of: ">") else {
                throw Fault(text: "a tag without an end")
            }
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("/") {
                guard open.popLast() == tag.dropFirst() else {
                    throw Fault(text: "</…> of another: \(tag)")
                }
                continue
            }
            try checkAttributes(tag)
            if open.isEmpty { roots += 1 }
            if !tag.hasSuffix("/") { open.append(tag.prefix { $0 != " " }) }
        }
        try checkText(rest, inside: false)
        guard open.isEmpty, roots == 1 else { throw Fault(text: "\(roots) roots, open: \(open)") }
    }

    private static func checkText(_ text: Substring, inside: Bool) throws(Fault) {
        let isBlank = text.allSatisfy { $0.isWhitespace }
        guard inside || isBlank else { throw Fault(text: "text outside: \(text)") }
        for part in text.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
            let entity = part.prefix { $0 != ";" }
            guard ["amp", "lt", "gt", "quot"].contains(entity) else {
                throw Fault(text: "a bare &: \(part)")
            }
        }
    }

    private static func checkAttributes(_ tag: Substring) throws(Fault) {
        // Each has its value in quotes, so the quotes are two for each equals sign outside them.
        var isQuoted = false
        var quotes = 0
        var equals = 0
        for character in tag {
            if character == "\"" {
                isQuoted.toggle()
                quotes += 1
            } else if character == "=", !isQuoted {
                equals += 1
            } else if character == "<" {
                throw Fault(text: "< inside of a tag: \(tag)")
            }
        }
        guard !isQuoted, quotes == 2 * equals else { throw Fault(text: "attributes: \(tag)") }
    }
}
