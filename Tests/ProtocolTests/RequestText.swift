@testable import Protocol

/// A request in words, with its ranges resolved: what a table of cases can be compared with.
enum RequestText {
    /// What the parser makes of `line`, to which a line ending is added.
    static func of(_ line: String, ending: String = "\r\n") -> String {
        let bytes = Array((line + ending).utf8)
        return describe(TextParser.parse(bytes.span, from: 0), bytes)
    }

    static func describe(_ result: ParseResult, _ bytes: [UInt8]) -> String {
        switch result {
        case .incomplete: "incomplete"
        case .lineTooLong: "line too long"
        case .endlessRetrieval(let keys, let withCAS): "endless \(withCAS ? "gets" : "get") \(keys)"
        case .request(let request, let next):
            next == bytes.count ? text(request, bytes) : text(request, bytes) + " up to \(next)"
        }
    }

    static func text(_ request: TextRequest, _ bytes: [UInt8]) -> String {
        switch request {
        case .get(let keys, let withCAS):
            (withCAS ? "gets" : "get") + list(keys, bytes)
        case .getAndTouch(let keys, let exptime, let withCAS):
            "\(withCAS ? "gats" : "gat") \(exptime)" + list(keys, bytes)
        case .store(let command, let key, let flags, let exptime, let length, let noReply):
            "\(command) \(slice(key, bytes)) \(flags) \(exptime) \(length)" + quiet(noReply)
        case .meta(let command, let rest): "meta \(command)" + list(rest, bytes)
        case .delete(let key, let noReply): "delete \(slice(key, bytes))" + quiet(noReply)
        case .touch(let key, let exptime, let noReply):
            "touch \(slice(key, bytes)) \(exptime)" + quiet(noReply)
        case .increment(let key, let delta, let noReply):
            "incr \(slice(key, bytes)) \(delta)" + quiet(noReply)
        case .decrement(let key, let delta, let noReply):
            "decr \(slice(key, bytes)) \(delta)" + quiet(noReply)
        case .flushAll(let delay, let noReply): "flush \(delay)" + quiet(noReply)
        case .flushAllMalformed(let noReply): "flush malformed" + quiet(noReply)
        case .version: "version"
        case .verbosity(let level, let noReply): "verbosity \(level)" + quiet(noReply)
        case .stats(let arguments): "stats" + list(arguments, bytes)
        case .cacheMemlimit(let megabytes, let noReply): "memlimit \(megabytes)" + quiet(noReply)
        case .refreshCertificates(let noReply): "refresh certificates" + quiet(noReply)
        case .shutdown(let mode, let noReply): "shutdown \(mode)" + quiet(noReply)
        case .operation(let operation, let noReply):
            text(operation, bytes) + quiet(noReply)
        case .setCluster(let length, let noReply): "config set \(length)" + quiet(noReply)
        case .quit: "quit"
        case .hangUp: "hang up"
        case .error(let reply, let noReply): trimmed(reply) + quiet(noReply)
        case .storeError(let reply, let length, let noReply):
            "\(trimmed(reply)), \(length) swallowed" + quiet(noReply)
        }
    }

    private static func text(_ request: OperatorRequest, _ bytes: [UInt8]) -> String {
        switch request {
        case .dump(let format, let classes, let prefix):
            "\(format) [\(slice(classes, bytes))]"
                + (prefix.map { " of [\(slice($0, bytes))]" } ?? "")
        case .crawl(let classes): "crawl [\(slice(classes, bytes))]"
        case .enableCrawler(let isEnabled): "crawler \(isEnabled)"
        case .crawlerSleep(let microseconds): "sleep \(microseconds)"
        case .crawlerToCrawl(let count): "tocrawl \(count)"
        case .tune(let hot, let warm, let hotFactor, let warmFactor):
            "tune \(hot) \(warm) \(hotFactor) \(warmFactor)"
        case .lruMode(let isSegmented): isSegmented ? "mode segmented" : "mode flat"
        case .temporaryTTL(let seconds): "temp_ttl \(seconds)"
        case .reassignPage(let source, let target): "reassign \(source) \(target)"
        case .automove(let level): "automove \(level)"
        case .automoveRatio(let ratio): "ratio \(ratio)"
        case .automoveFreeRatio(let ratio): "freeratio \(ratio)"
        case .automoveWindow(let window): "window \(window)"
        case .watch(let streams): "watch " + (streams.map(names) ?? "what is not there")
        case .getConfiguration(let name): "config get [\(slice(name, bytes))]"
        }
    }

    private static func names(_ streams: WatchStreams) -> String {
        let all: [(WatchStreams, String)] = [
            (.fetchers, "fetchers"), (.mutations, "mutations"), (.evictions, "evictions"),
            (.connectionEvents, "connevents"), (.deletions, "deletions"),
            (.systemEvents, "sysevents"), (.rawCommands, "rawcmds"),
        ]
        return all.filter { streams.contains($0.0) }.map(\.1).joined(separator: " ")
    }

    private static func quiet(_ noReply: Bool) -> String { noReply ? " quietly" : "" }

    private static func trimmed(_ reply: StaticString) -> String {
        String(reply.description.prefix { $0 != "\r\n" && $0 != "\r" && $0 != "\n" })
    }

    private static func slice(_ range: ByteRange, _ bytes: [UInt8]) -> String {
        String(decoding: bytes[range.start..<range.end], as: UTF8.self)
    }

    private static func list(_ range: ByteRange, _ bytes: [UInt8]) -> String {
        var keys = KeyList(range)
        var text = ""
        while let key = keys.next(in: bytes.span) { text += " [\(slice(key, bytes))]" }
        return text
    }
}
