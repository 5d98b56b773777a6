extension RunReport {
    /// A header and one line (RFC 4180); latencies in microseconds.
    func csv() -> String {
        let columns = planColumns() + resultColumns() + processColumns()
        let names = columns.map { Self.field($0.0) }.joined(separator: ",")
        let values = columns.map { Self.field($0.1) }.joined(separator: ",")
        return names + "\n" + values + "\n"
    }

    private func planColumns() -> [(String, String)] {
        [
            ("target", plan.target.text), ("protocol", plan.protocolKind.rawValue),
            ("source", plan.sourceText), ("threads", "\(plan.threads)"),
            ("connections", "\(plan.connections)"), ("depth", "\(plan.depth)"),
            ("keys_per_get", "\(plan.keysPerGet)"), ("ratio", "\(plan.sets):\(plan.gets)"),
            ("keys", "\(plan.keySpace)"), ("distribution", plan.distributionText),
            ("value_size", plan.valueSizesText),
            ("rate_asked", plan.requestsPerSecond.map { "\($0)" } ?? ""),
        ]
    }

    private func resultColumns() -> [(String, String)] {
        var columns = [
            ("seconds", Numerals.fixed(result.seconds, 6)), ("requests", "\(result.requests)"),
            ("requests_per_second", Numerals.fixed(result.requestsPerSecond, 1)),
            ("gets", "\(result.gets)"), ("hits", "\(result.hits)"),
            ("misses", "\(result.misses)"), ("sets", "\(result.sets)"),
            ("sets_not_stored", "\(result.setsNotStored)"), ("errors", "\(result.errors)"),
            ("wrong_values", "\(result.wrongValues)"),
            ("connections_lost", "\(result.connectionsLost)"),
            ("bytes_sent", "\(result.bytesSent)"), ("bytes_received", "\(result.bytesReceived)"),
        ]
        for (name, histogram) in [("get", result.getLatency), ("set", result.setLatency)] {
            for percentile in Self.percentiles {
                let value = Double(histogram.value(atPercentile: percentile)) / 1000
                columns.append(
                    (
                        "\(name)_p\(Self.name(percentile))_us",
                        histogram.isEmpty ? "" : Numerals.fixed(value, 3)
                    ))
            }
            let largest = Numerals.fixed(Double(histogram.max) / 1000, 3)
            columns.append(("\(name)_max_us", histogram.isEmpty ? "" : largest))
        }
        return columns
    }

    private func processColumns() -> [(String, String)] {
        let server = result.server
        let each = server.flatMap { perRequest($0.cpuSeconds) }
        let own = perRequest(result.generatorCPUSeconds)
        return [
            ("server_cpu_us_per_request", each.map { Numerals.fixed($0, 4) } ?? ""),
            ("server_cores", server.map { Numerals.fixed(coreShare($0.cpuSeconds), 4) } ?? ""),
            ("server_rss_bytes", server.map { "\($0.residentBytesAfter)" } ?? ""),
            ("server_rss_bytes_idle", server.map { "\($0.residentBytesIdle)" } ?? ""),
            ("generator_cpu_us_per_request", own.map { Numerals.fixed($0, 4) } ?? ""),
            ("generator_busiest_thread", Numerals.fixed(result.busiestThreadShare, 4)),
        ]
    }

    private static func field(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) })
        else { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" { quoted += "\"" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}
