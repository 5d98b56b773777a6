extension RunReport {
    /// Everything there is: what was asked for, what was seen, and the histograms. Names end with
    /// their units.
    func json() -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("plan", planJSON()), ("result", Self.json(of: result)),
        ]
        if let fill { members.append(("fill", Self.json(of: fill))) }
        members.append(("warnings", .array(warnings.map { .string($0) })))
        return .object(members)
    }

    private func planJSON() -> JSONValue {
        .object([
            ("target", .string(plan.target.text)),
            ("protocol", .string(plan.protocolKind.rawValue)),
            ("source", .string(plan.sourceText)),
            ("threads", .integer(plan.threads)),
            ("connections", .integer(plan.connections)),
            ("depth", .integer(plan.depth)),
            ("keysPerGet", .integer(plan.keysPerGet)),
            ("gets", .integer(plan.gets)),
            ("sets", .integer(plan.sets)),
            ("lookAside", .bool(plan.lookAside)),
            ("keys", .integer(plan.keySpace)),
            ("keyPrefix", .string(plan.keyPrefix)),
            ("keyBytes", .integer(plan.keyBytes)),
            ("distribution", .string(plan.distributionText)),
            ("valueSize", .string(plan.valueSizesText)),
            ("ttlSeconds", .integer(plan.ttlSeconds)),
            ("flags", .string(plan.setsFlags ? "key" : "zero")),
            ("verify", .bool(plan.verifies)),
            ("seconds", plan.end.afterSeconds.map { .number($0) } ?? .null),
            ("requests", plan.end.afterRequests.map { .integer($0) } ?? .null),
            ("warmUpSeconds", .number(plan.warmUpSeconds)),
            ("requestsPerSecond", plan.requestsPerSecond.map { .number($0) } ?? .null),
            ("seed", .string(String(plan.seed))),
        ])
    }

    static func json(of result: LoadResult) -> JSONValue {
        .object([
            ("seconds", .number(result.seconds)),
            ("requests", .integer(result.requests)),
            ("requestsPerSecond", .number(result.requestsPerSecond)),
            ("gets", .integer(result.gets)),
            ("hits", .integer(result.hits)),
            ("misses", .integer(result.misses)),
            ("hitRatio", result.hitRatio.map { .number($0) } ?? .null),
            ("sets", .integer(result.sets)),
            ("setsNotStored", .integer(result.setsNotStored)),
            ("errors", .integer(result.errors)),
            ("firstError", result.firstError.map { .string($0) } ?? .null),
            ("wrongValues", .integer(result.wrongValues)),
            ("firstWrongValue", result.firstWrongValue.map { .string($0) } ?? .null),
            ("connectionsLost", .integer(result.connectionsLost)),
            ("requestsLost", .integer(result.requestsLost)),
            ("firstLoss", result.firstLoss.map { .string($0) } ?? .null),
            ("bytesSent", .integer(result.bytesSent)),
            ("bytesReceived", .integer(result.bytesReceived)),
            ("requestsHeldUp", .integer(result.requestsHeldUp)),
            ("requestsUnsent", .integer(result.requestsUnsent)),
            ("getLatency", json(of: result.getLatency)),
            ("setLatency", json(of: result.setLatency)),
            ("sendDelay", json(of: result.sendDelay)),
            ("server", json(of: result.server, requests: result.requests)),
            ("generatorCPUSeconds", .number(result.generatorCPUSeconds)),
            ("busiestThreadShare", .number(result.busiestThreadShare)),
            ("isGeneratorBound", .bool(result.isGeneratorBound)),
        ])
    }

    private static func json(of server: ServerUsage?, requests: Int) -> JSONValue {
        guard let server else { return .null }
        return .object([
            ("cpuSeconds", .number(server.cpuSeconds)),
            (
                "cpuMicrosecondsPerRequest",
                requests > 0 ? .number(server.cpuSeconds * 1e6 / Double(requests)) : .null
            ),
            ("residentBytesIdle", .integer(server.residentBytesIdle)),
            ("residentBytesBefore", .integer(server.residentBytesBefore)),
            ("residentBytesAfter", .integer(server.residentBytesAfter)),
        ])
    }

    /// Buckets are lowest value, highest value and count.
    static func json(of histogram: Histogram) -> JSONValue {
        guard !histogram.isEmpty else { return .null }
        let percentiles = Self.percentiles.map { percentile in
            ("p\(Self.name(percentile))Ns", integer(histogram.value(atPercentile: percentile)))
        }
        let buckets = histogram.buckets.map { bucket in
            JSONValue.array([
                integer(bucket.values.lowerBound), integer(bucket.values.upperBound),
                .integer(bucket.count),
            ])
        }
        return .object(
            [("count", .integer(histogram.count)), ("minNs", integer(histogram.min))]
                + percentiles
                + [
                    ("maxNs", integer(histogram.max)), ("meanNs", .number(histogram.mean)),
                    ("aboveRange", .integer(histogram.aboveRange)), ("bucketsNs", .array(buckets)),
                ])
    }

    private static func integer(_ value: UInt64) -> JSONValue { .integer(Int(clamping: value)) }

    /// 99.9, and 99 without decimals.
    static func name(_ percentile: Double) -> String {
        percentile == percentile.rounded() ? Numerals.fixed(percentile, 0) : "\(percentile)"
    }
}
