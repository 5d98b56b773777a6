import CacheEngine
import Glibc
import Protocol

/// The `stats` command: which report is meant, by memcached's rule that a prefix of a name will do.
extension Connection {
    mutating func stats(_ arguments: Span<UInt8>, _ context: inout WorkerContext) {
        context.publishCounters()
        let words = Words(arguments)
        guard let name = words.at(0) else {
            generalStatistics(&context)
            return
        }
        func isMeant(_ full: String) -> Bool { full.utf8.starts(with: name) }
        func isExactly(_ full: String) -> Bool { full.utf8.elementsEqual(name) }
        // In memcached's order: the first that matches is taken.
        if isMeant("reset") {
            context.server.resetStatistics()
            context.reply(TextReply.reset)
        } else if isMeant("detail") {
            detail(words, &context)
        } else if isMeant("settings") {
            settingsStatistics(&context)
        } else if isMeant("cachedump") {
            cacheDump(words, &context)
        } else if isMeant("conns") {
            connectionStatistics(&context)
        } else if isExactly("items") {
            itemStatistics(&context)
        } else if isExactly("slabs") {
            slabStatistics(&context)
        } else if isExactly("sizes") {
            sizeStatistics(&context)
        } else {
            context.reply(TextReply.error)
        }
    }

    private func detail(_ words: Words, _ context: inout WorkerContext) {
        guard !context.server.settings.dumpDisabled else {
            context.reply(TextReply.statsDetailNotAllowed)
            return
        }
        let prefixes = context.server.prefixes
        guard let action = words.at(1) else {
            context.reply(TextReply.statsDetailUsage)
            return
        }
        func isMeant(_ full: String) -> Bool { full.utf8.starts(with: action) }
        if isMeant("on") {
            prefixes.isOn = true
            context.updateObservation()
            context.reply(TextReply.ok)
        } else if isMeant("off") {
            prefixes.isOn = false
            context.updateObservation()
            context.reply(TextReply.ok)
        } else if isMeant("dump") {
            prefixes.dump(into: &context.output.bytes)
        } else {
            context.reply(TextReply.statsDetailUsage)
        }
    }

    func sizeStatistics(_ context: inout WorkerContext) {
        if context.server.settings.trackSizes {
            for entry in context.engine.sizeHistogram() {
                context.appendStat(String(entry.bytes), String(entry.items))
            }
        } else {
            context.appendStat("sizes_status", "disabled")
        }
        context.endStatistics()
    }

    /// `stats cachedump <class> <limit>`: keys of a size class; with 0 as the limit, all of them.
    private mutating func cacheDump(_ words: Words, _ context: inout WorkerContext) {
        guard !context.server.settings.dumpDisabled else {
            context.reply(TextReply.cachedumpNotAllowed)
            return
        }
        guard let classWord = words.at(1), let limitWord = words.at(2) else {
            context.reply(TextReply.badLine)
            return
        }
        guard let number = UInt32(String(decoding: classWord, as: UTF8.self)),
            let limit = UInt32(String(decoding: limitWord, as: UTF8.self))
        else {
            context.reply(TextReply.badFormat)
            return
        }
        guard number < ServerLimits.slabClassNumbers else {
            context.reply(TextReply.illegalSlab)
            return
        }
        beginCachedump(classNumber: Int(number), limit: limit, context)
    }

    func connectionStatistics(_ context: inout WorkerContext) {
        record.phase = .parsing
        record.lastCommandMs = context.now.milliseconds
        for line in context.server.registry.describe(at: context.now) {
            context.appendStat("\(line.descriptor):\(line.name)", line.value)
        }
        context.endStatistics()
    }
}

/// The words of a `stats` line.
struct Words {
    private var words: [[UInt8]] = []

    init(_ bytes: Span<UInt8>) {
        var word: [UInt8] = []
        for position in 0..<bytes.count {
            if bytes[position] != UInt8(ascii: " ") {
                word.append(bytes[position])
            } else if !word.isEmpty {
                words.append(word)
                word = []
            }
        }
        if !word.isEmpty { words.append(word) }
    }

    func at(_ position: Int) -> [UInt8]? { position < words.count ? words[position] : nil }
}
