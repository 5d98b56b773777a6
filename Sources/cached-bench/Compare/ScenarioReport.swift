/// What came of one scenario.
struct ScenarioReport {
    let name: String
    let title: String
    let servers: [ServerKind]
    private(set) var metrics: [Metric] = []
    private(set) var goals: [Goal] = []
    /// What a reader should know of these numbers; why some are missing.
    var notes: [String] = []
    /// Why it was not measured to its end.
    var failure: String?

    init(name: String, title: String, servers: [ServerKind]) {
        self.name = name
        self.title = title
        self.servers = servers
    }

    mutating func record(
        _ kind: MetricKind, _ server: ServerKind, _ value: Double,
        x: Double? = nil, xTitle: String = ""
    ) {
        let known = metrics.firstIndex { $0.kind == kind && $0.x == x }
        if known == nil { metrics.append(Metric(kind: kind, x: x, xTitle: xTitle)) }
        metrics[known ?? metrics.count - 1].samples[server, default: Samples()].values
            .append(value)
    }

    /// Empty if it was not measured.
    func samples(_ kind: MetricKind, _ server: ServerKind, x: Double? = nil) -> Samples {
        metrics.first { $0.kind == kind && $0.x == x }?.samples[server] ?? Samples()
    }

    /// One that compares cached with another server.
    mutating func addGoal(_ kind: MetricKind, _ bound: Goal.Bound, times other: ServerKind) {
        let ratios = samples(kind, .cached).ratios(to: samples(kind, other))
        goals.append(
            Goal(
                text: "\(kind.title) \(bound.text) × \(other.rawValue)", bound: bound,
                measured: ratios))
    }

    /// One that stands by itself.
    mutating func addGoal(_ kind: MetricKind, _ bound: Goal.Bound) {
        let unit = kind.unit.isEmpty ? "" : " " + kind.unit
        goals.append(
            Goal(
                text: "\(kind.title) \(bound.text)\(unit)", bound: bound,
                measured: samples(kind, .cached)))
    }

    mutating func addGoal(_ text: String, _ bound: Goal.Bound, _ measured: Samples) {
        goals.append(Goal(text: "\(text) \(bound.text)", bound: bound, measured: measured))
    }
}
