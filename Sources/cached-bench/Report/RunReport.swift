/// A run that is over, and how it is told.
struct RunReport {
    let plan: LoadPlan
    let result: LoadResult
    /// The loading phase before it, if there was one.
    let fill: LoadResult?

    static let percentiles: [Double] = [50, 90, 99, 99.9, 99.99]

    /// An open loop that is later than this is not what was asked for.
    private static let lateNanoseconds: UInt64 = 200_000

    func rendered(as format: RunOptions.Format) -> String {
        switch format {
        case .text: return text()
        case .json: return json().rendered() + "\n"
        case .csv: return csv()
        }
    }

    /// What a reader has to know before the numbers.
    var warnings: [String] {
        var lines: [String] = []
        if result.isGeneratorBound {
            lines.append(
                "a thread of the generator was busy "
                    + "\(Numerals.percent(result.busiestThreadShare)) of the time: this measures "
                    + "the generator; use more --threads")
        }
        if result.requestsUnsent > 0 {
            lines.append(
                "\(Numerals.grouped(result.requestsUnsent)) requests were due and never sent: "
                    + "the rate is too high, and latencies are worse than shown")
        }
        if result.requestsHeldUp > 0 {
            lines.append(
                "\(Numerals.grouped(result.requestsHeldUp)) requests had to wait for a connection "
                    + "with room; their latency counts from when they were due")
        }
        let late = result.sendDelay.value(atPercentile: 99)
        if late > Self.lateNanoseconds {
            lines.append(
                "the generator sent late, by \(Numerals.microseconds(late)) µs at the 99th "
                    + "percentile, which is part of the latencies: it gets too little CPU")
        }
        if result.connectionsLost > 0 {
            lines.append(
                "\(result.connectionsLost) connections were lost with \(result.requestsLost) "
                    + "requests under way: \(result.firstLoss ?? "")")
        }
        if result.errors > 0 {
            lines.append(
                "\(Numerals.grouped(result.errors)) answers were errors, the first: "
                    + (result.firstError ?? ""))
        }
        if result.wrongValues > 0 {
            lines.append(
                "\(Numerals.grouped(result.wrongValues)) values were WRONG, the first: "
                    + (result.firstWrongValue ?? ""))
        }
        if let fill, fill.errors + fill.setsNotStored > 0 {
            lines.append(
                "\(Numerals.grouped(fill.setsNotStored)) sets of the loading phase were not stored"
                    + (fill.firstError.map { ", the first: \($0)" } ?? ""))
        }
        return lines
    }

    /// CPU microseconds per request; nil where nothing was answered.
    func perRequest(_ seconds: Double) -> Double? {
        result.requests > 0 ? seconds * 1e6 / Double(result.requests) : nil
    }

    /// Of one core.
    func coreShare(_ seconds: Double) -> Double {
        result.seconds > 0 ? seconds / result.seconds : 0
    }
}

extension LoadPlan {
    /// As `--distribution` takes it.
    var distributionText: String {
        switch keyDistribution {
        case .uniform: return "uniform"
        case .zipf(let exponent): return "zipf:\(exponent)"
        case .gaussian(let deviation): return "gaussian:\(deviation)"
        case .sequential: return "sequential"
        }
    }

    /// As `--value-size` takes it.
    var valueSizesText: String {
        switch valueSizes {
        case .fixed(let size): return "\(size)"
        case .uniform(let range): return "\(range.lowerBound)-\(range.upperBound)"
        case .logUniform(let range): return "log:\(range.lowerBound)-\(range.upperBound)"
        case .list(let sizes):
            return sizes.map { "\($0.bytes)*\($0.weight)" }.joined(separator: ",")
        }
    }

    var sourceText: String {
        switch source {
        case .generated: return "generated"
        case .fill: return "fill"
        case .trace(let path, let format): return "\(format.rawValue):\(path)"
        }
    }
}
