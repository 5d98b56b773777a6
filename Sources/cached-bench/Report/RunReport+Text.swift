extension RunReport {
    func text() -> String {
        var page = heading() + "\n"
        page += table() + "\n"
        for (name, value) in facts() {
            page +=
                name + String(repeating: " ", count: max(1, 14 - name.utf8.count)) + value + "\n"
        }
        for warning in warnings { page += "\nwarning: \(warning)\n" }
        return page
    }

    private func heading() -> String {
        let loop =
            plan.requestsPerSecond.map { "\(Numerals.grouped($0)) requests a second are due" }
            ?? "closed loop"
        let threads = plan.threads == 1 ? "1 thread" : "\(plan.threads) threads"
        let connections = plan.connections == 1 ? "1 connection" : "\(plan.connections) connections"
        var lines =
            "\(plan.target.text), \(plan.protocolKind.rawValue) protocol: \(threads), "
            + "\(connections), depth \(plan.depth), \(loop)\n"
        switch plan.source {
        case .fill:
            lines += "each of \(Numerals.grouped(plan.keySpace)) keys is set once"
        case .trace(let path, _):
            lines += "gets of the trace \(path)" + (plan.lookAside ? ", set if they miss" : "")
        case .generated:
            lines +=
                "\(Numerals.grouped(plan.keySpace)) keys (\(plan.distributionText)), "
                + "\(plan.sets) sets to \(plan.gets) gets"
                + (plan.keysPerGet > 1 ? " of \(plan.keysPerGet) keys" : "")
                + (plan.lookAside ? ", set if they miss" : "")
        }
        lines += ", values of \(plan.valueSizesText) bytes\n"
        return lines
    }

    private func table() -> String {
        let titles =
            ["µs", "count", "per second"] + ["p50", "p90", "p99", "p99.9", "p99.99", "max", "mean"]
        var rows = [titles]
        for (name, histogram) in [("get", result.getLatency), ("set", result.setLatency)]
        where !histogram.isEmpty {
            rows.append(row(name, histogram))
        }
        var both = result.getLatency
        both.merge(result.setLatency)
        rows.append(row("all", both))
        let widths = titles.indices.map { column in
            rows.map { $0[column].unicodeScalars.count }.max() ?? 0
        }
        var text = ""
        for row in rows {
            for (column, cell) in row.enumerated() {
                let space = String(
                    repeating: " ", count: widths[column] - cell.unicodeScalars.count)
                text += column == 0 ? cell + space : "  " + space + cell
            }
            text += "\n"
        }
        return text
    }

    private func row(_ name: String, _ histogram: Histogram) -> [String] {
        let count = histogram.count
        let rate = result.seconds > 0 ? Double(count) / result.seconds : 0
        var cells = [name, Numerals.grouped(count), Numerals.grouped(rate)]
        cells += Self.percentiles.map {
            Numerals.microseconds(histogram.value(atPercentile: $0))
        }
        cells.append(Numerals.microseconds(histogram.max))
        cells.append(Numerals.microseconds(UInt64(max(0, histogram.mean))))
        return cells
    }

    private func facts() -> [(String, String)] {
        var rows = [("time", "\(Numerals.fixed(result.seconds, 3)) s")]
        if let ratio = result.hitRatio {
            rows.append(
                (
                    "keys got",
                    "\(Numerals.grouped(result.hits)) hits (\(Numerals.fixed(ratio * 100, 2)) %), "
                        + "\(Numerals.grouped(result.misses)) misses"
                ))
        }
        if result.sets > 0 {
            let stored = result.sets - result.setsNotStored
            rows.append(
                (
                    "keys set",
                    "\(Numerals.grouped(stored)) stored, "
                        + "\(Numerals.grouped(result.setsNotStored)) not stored"
                ))
        }
        rows.append(("errors", Numerals.grouped(result.errors)))
        if plan.verifies { rows.append(("wrong values", Numerals.grouped(result.wrongValues))) }
        rows.append(
            (
                "bytes",
                "\(Numerals.bytes(result.bytesSent)) sent, "
                    + "\(Numerals.bytes(result.bytesReceived)) received"
            ))
        if !result.sendDelay.isEmpty {
            let delay = result.sendDelay
            rows.append(
                (
                    "sent late by",
                    "\(Numerals.microseconds(delay.value(atPercentile: 50))) µs (p50), "
                        + "\(Numerals.microseconds(delay.value(atPercentile: 99))) µs (p99), "
                        + "\(Numerals.microseconds(delay.max)) µs (max)"
                ))
        }
        rows += processFacts()
        if let fill {
            rows.append(
                (
                    "before it",
                    "\(Numerals.grouped(fill.sets)) keys set in "
                        + "\(Numerals.fixed(fill.seconds, 3)) s"
                ))
        }
        return rows
    }

    private func processFacts() -> [(String, String)] {
        var rows: [(String, String)] = []
        if let server = result.server {
            rows.append(("server", cpu(server.cpuSeconds)))
            rows.append(
                (
                    "its memory",
                    "\(Numerals.bytes(server.residentBytesAfter)) in RAM, "
                        + "\(Numerals.bytes(server.residentBytesBefore)) before, "
                        + "\(Numerals.bytes(server.residentBytesIdle)) without these connections"
                ))
        } else {
            rows.append(("server", "its process is not known: see --server-pid"))
        }
        rows.append(
            (
                "generator",
                cpu(result.generatorCPUSeconds) + "; busiest thread "
                    + Numerals.percent(result.busiestThreadShare)
            ))
        return rows
    }

    private func cpu(_ seconds: Double) -> String {
        let each =
            perRequest(seconds).map { "\(Numerals.fixed($0, 3)) µs of CPU a request, " } ?? ""
        return each + "\(Numerals.percent(coreShare(seconds))) of a core"
    }
}
