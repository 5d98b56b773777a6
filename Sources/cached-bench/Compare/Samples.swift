/// What was measured, once per repetition.
struct Samples: Equatable {
    var values: [Double] = []

    var isEmpty: Bool { values.isEmpty }

    /// Of an even number, the mean of the two in the middle; nil of none.
    var median: Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    var smallest: Double? { values.min() }
    var largest: Double? { values.max() }

    /// Ours to theirs, repetition by repetition: both met the same machine then. Repetitions that
    /// one of them lacks, or in which the other is 0, tell nothing.
    func ratios(to other: Samples) -> Samples {
        Samples(
            values: zip(values, other.values).compactMap { $1 != 0 ? $0 / $1 : nil })
    }

    func differences(to other: Samples) -> Samples {
        Samples(values: zip(values, other.values).map { $0 - $1 })
    }
}

/// What is measured, with its unit.
struct MetricKind: Hashable {
    /// As `results.json` has it.
    let name: String
    let title: String
    let unit: String

    static let cpuPerRequest = MetricKind(
        name: "cpu_us_per_request", title: "server CPU per request", unit: "µs")
    static let cpuPerKey = MetricKind(
        name: "cpu_us_per_key", title: "server CPU per key", unit: "µs")
    static let requestsPerSecond = MetricKind(
        name: "requests_per_second", title: "requests per second", unit: "")
    static let requestsPerCPUSecond = MetricKind(
        name: "requests_per_cpu_second", title: "requests per server CPU second", unit: "")
    static let latency50 = MetricKind(name: "p50_us", title: "latency, p50", unit: "µs")
    static let latency99 = MetricKind(name: "p99_us", title: "latency, p99", unit: "µs")
    static let latency999 = MetricKind(name: "p99_9_us", title: "latency, p99.9", unit: "µs")
    static let latencyCurve = MetricKind(name: "latency_us", title: "latency", unit: "µs")
    static let bytesPerItem = MetricKind(
        name: "overhead_bytes_per_item", title: "memory per item besides key and value",
        unit: "bytes")
    static let bytesPerItemAboveIdle = MetricKind(
        name: "overhead_bytes_per_item_above_idle",
        title: "the same without what the process has when it is empty", unit: "bytes")
    static let items = MetricKind(name: "items", title: "items held", unit: "")
    static let residentMB = MetricKind(
        name: "resident_mb", title: "resident memory", unit: "MB")
    static let addedMB = MetricKind(
        name: "added_mb", title: "resident memory for 10,000 idle connections", unit: "MB")
    static let hitRatio = MetricKind(name: "hit_ratio_percent", title: "hit ratio", unit: "%")
    static let startMs = MetricKind(
        name: "start_ms", title: "from exec to the first answer", unit: "ms")
}

/// One thing measured, of all servers; with `x`, one point of a curve.
struct Metric {
    let kind: MetricKind
    /// What distinguishes this point of the curve: a number of items, say.
    var x: Double?
    /// What x is: "items".
    var xTitle = ""
    var samples: [ServerKind: Samples] = [:]

    var title: String {
        var title = kind.title
        if let x { title += ", \(xTitle) \(Numerals.plain(x))" }
        return kind.unit.isEmpty ? title : title + " (\(kind.unit))"
    }
}

/// Something that cached is meant to reach.
struct Goal {
    enum Bound: Equatable {
        case atMost(Double)
        case atLeast(Double)

        func isReached(by value: Double) -> Bool {
            switch self {
            case .atMost(let limit): value <= limit
            case .atLeast(let limit): value >= limit
            }
        }

        var text: String {
            switch self {
            case .atMost(let limit): "≤ \(Numerals.plain(limit))"
            case .atLeast(let limit): "≥ \(Numerals.plain(limit))"
            }
        }
    }

    let text: String
    let bound: Bound
    let measured: Samples

    /// nil when nothing was measured.
    var isReached: Bool? { measured.median.map { bound.isReached(by: $0) } }
}
