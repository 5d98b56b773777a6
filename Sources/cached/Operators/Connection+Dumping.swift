import CacheEngine
import Protocol

/// Dumps: each is the work of the connection that asked for it, between others' turns.
extension Connection {
    mutating func beginDump(
        _ format: DumpFormat, _ classes: Span<UInt8>, prefix: [UInt8],
        _ context: inout WorkerContext
    ) -> StaticString? {
        let crawler = context.server.crawler
        guard crawler.isEnabled else { return TextReply.crawlerDisabled }
        guard !context.server.settings.dumpDisabled else {
            return format == .metadump
                ? TextReply.metadumpNotAllowed : TextReply.mgdumpNotAllowed
        }
        let selected: [Bool]?
        switch ClassSelection(classes).checked {
        case .all: selected = nil
        case .some(let numbers): selected = numbers
        case .refused(let reply): return reply
        }
        context.reply(TextReply.ok)
        begin(Dump(format, classes: selected, prefix: prefix), context)
        return nil
    }

    /// `stats cachedump`: a dump of one class, without the `OK` before it.
    mutating func beginCachedump(
        classNumber: Int, limit: UInt32, _ context: borrowing WorkerContext
    ) {
        var classes = [Bool](repeating: false, count: Int(ServerLimits.slabClassNumbers))
        classes[classNumber] = true
        begin(
            Dump(.cachedump, classes: classes, limit: limit == 0 ? .max : UInt64(limit)), context)
    }

    private mutating func begin(_ dump: Dump, _ context: borrowing WorkerContext) {
        context.server.crawler.begin()
        state = .dumping(dump)
    }

    /// Goes on until the socket takes no more, the turn is over, or the dump is complete.
    mutating func continueDump(_ dump: Dump, _ context: inout WorkerContext) {
        while true {
            let isMore = dump.appendSlice(
                to: &context.output.bytes, context.engine, hidesCAS: context.hidesCAS,
                at: context.now)
            guard isMore else {
                context.server.crawler.end()
                state = .command
                return
            }
            if flushIfLong(&context) { return }
            if context.isTurnOver() {
                hasYielded = true
                return
            }
        }
    }
}

extension ClassSelection {
    enum Checked {
        case all
        /// By number.
        case some([Bool])
        case refused(StaticString)
    }

    /// The same, if there can be such classes.
    var checked: Checked {
        switch self {
        case .all, .hash: return .all
        case .malformed: return .refused(TextReply.crawlerBadClass)
        case .numbers(let numbers):
            var classes = [Bool](repeating: false, count: Int(ServerLimits.slabClassNumbers))
            for number in numbers {
                guard number >= 1, number < ServerLimits.slabClassNumbers else {
                    return .refused(TextReply.crawlerBadClass)
                }
                classes[Int(number)] = true
            }
            return numbers.isEmpty ? .refused(TextReply.crawlerNotStarted) : .some(classes)
        }
    }
}
