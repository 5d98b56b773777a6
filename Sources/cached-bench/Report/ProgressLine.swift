import Glibc

/// One line on a terminal that is written over once a second.
enum ProgressLine {
    static var isWanted: Bool { isatty(STDERR_FILENO) == 1 }

    static func show(_ progress: LoadProgress) {
        var line = "\r\(Numerals.fixed(progress.seconds, 0)) s"
        if progress.isWarmingUp { line += " (warm-up)" }
        line += "  \(Numerals.grouped(progress.requestsPerSecond))/s"
        if !progress.latency.isEmpty {
            let value = progress.latency.value(atPercentile: 99)
            line += "  p99 \(Numerals.microseconds(value)) µs"
        }
        if let ratio = progress.hitRatio { line += "  hits \(Numerals.percent(ratio))" }
        line += "  errors \(Numerals.grouped(progress.errors))"
        if progress.wrongValues > 0 {
            line += "  WRONG \(Numerals.grouped(progress.wrongValues))"
        }
        // To the end of the line, which may have been longer before.
        StandardStream.error.write(line + "\u{1b}[K")
    }

    static func clear() {
        StandardStream.error.write("\r\u{1b}[K")
    }
}
