import Protocol

/// How a report of statistics is written; what it says is the same in both protocols.
enum StatisticsForm {
    /// A line for each, and `END`.
    case text
    /// A reply to this request for each, and an empty one.
    case binary(BinaryTag)
}

extension WorkerContext {
    mutating func appendStat(_ name: String, _ value: String) {
        switch statisticsForm {
        case .text: output.bytes.appendStat(name, value)
        case .binary(let tag):
            output.bytes.appendBinaryStat(
                tag, name: name.utf8Span.span, value: value.utf8Span.span)
        }
    }

    mutating func endStatistics() {
        switch statisticsForm {
        case .text: reply(TextReply.end)
        case .binary(let tag): output.bytes.appendBinaryHeader(tag)
        }
    }
}
