import Testing

@testable import cached_bench

@Suite struct CompareSamplesTests {
    @Test func medianOfOddEvenAndNone() {
        #expect(Samples(values: [3, 1, 2]).median == 2)
        #expect(Samples(values: [4, 1, 3, 2]).median == 2.5)
        #expect(Samples(values: [7]).median == 7)
        #expect(Samples().median == nil)
    }

    @Test func spread() {
        let samples = Samples(values: [3, 1, 2])
        #expect(samples.smallest == 1)
        #expect(samples.largest == 3)
        #expect(MarkdownReport.spread(samples) == "2.00 (1.00…3.00)")
        #expect(MarkdownReport.spread(Samples(values: [1234.5])) == "1,235")
        #expect(MarkdownReport.spread(Samples()) == "–")
    }

    @Test func ratiosAreOfEachRepetition() {
        let ours = Samples(values: [1, 10, 3])
        let theirs = Samples(values: [2, 5, 3])
        #expect(ours.ratios(to: theirs).values == [0.5, 2, 1])
        #expect(ours.ratios(to: Samples(values: [2, 0])).values == [0.5])
        #expect(ours.ratios(to: Samples()).isEmpty)
        #expect(ours.differences(to: theirs).values == [-1, 5, 0])
    }

    @Test func goals() {
        var report = ScenarioReport(
            name: "s", title: "t", servers: [.cached, .memcached, .floor])
        for (own, other) in [(1.0, 4.0), (2, 4), (3, 4)] {
            report.record(.cpuPerRequest, .cached, own)
            report.record(.cpuPerRequest, .memcached, other)
        }
        report.addGoal(.cpuPerRequest, .atMost(0.5), times: .memcached)
        report.addGoal(.cpuPerRequest, .atMost(0.49), times: .memcached)
        report.addGoal(.cpuPerRequest, .atLeast(0.5), times: .memcached)
        report.addGoal(.cpuPerRequest, .atMost(1.1), times: .floor)
        report.addGoal(.cpuPerRequest, .atMost(1.5))
        #expect(report.goals.map { $0.isReached } == [true, false, true, nil, false])
        #expect(report.goals[0].text == "server CPU per request ≤ 0.5 × memcached")
        #expect(report.goals[4].text == "server CPU per request ≤ 1.5 µs")
    }

    @Test func pointsOfCurvesAreKeptApart() {
        var report = ScenarioReport(name: "s", title: "t", servers: [.cached])
        report.record(.cpuPerRequest, .cached, 1, x: 10, xTitle: "items")
        report.record(.cpuPerRequest, .cached, 2, x: 20, xTitle: "items")
        report.record(.cpuPerRequest, .cached, 3, x: 10, xTitle: "items")
        #expect(report.metrics.count == 2)
        #expect(report.samples(.cpuPerRequest, .cached, x: 10).values == [1, 3])
        #expect(report.metrics[1].title == "server CPU per request, items 20 (µs)")
    }

    @Test(arguments: [
        (0.0, 0, "0"), (1234.5, 0, "1235"), (0.125, 2, "0.13"), (-0.5, 1, "-0.5"),
        (-0.001, 1, "0.0"), (3, 3, "3.000"), (.nan, 2, "-"), (1e300, 2, "-"),
    ])
    func decimals(value: Double, digits: Int, expected: String) {
        #expect(Numerals.fixed(value, digits) == expected)
    }

    @Test func numbersForReaders() {
        #expect(Numerals.short(1_234_567.8) == "1,234,568")
        #expect(Numerals.short(12.345) == "12.3")
        #expect(Numerals.short(0.1234) == "0.123")
        #expect(Numerals.plain(0.35) == "0.35")
        #expect(Numerals.plain(1) == "1")
        #expect(Numerals.plain(10_000) == "10,000")
        #expect(Numerals.plain(4.1) == "4.1")
        #expect(Numerals.plain(3600, grouped: false) == "3600")
        #expect(LineChart.compact(1_000_000) == "1M")
        #expect(LineChart.compact(10_000) == "10k")
        #expect(LineChart.compact(99.95) == "99.95")
    }

    @Test func turnsRotate() {
        #expect(CompareRun.rotated([1, 2, 3], by: 0) == [1, 2, 3])
        #expect(CompareRun.rotated([1, 2, 3], by: 4) == [2, 3, 1])
        #expect(CompareRun.rotated([Int](), by: 4) == [])
    }
}
