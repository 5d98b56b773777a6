import CacheEngine
import Protocol

/// The commands of operators: `lru_crawler`, `lru`, `slabs`, `watch`, `config get`. What memcached
/// does for them and this engine does otherwise is told in docs/OPERATORS.md.
extension Connection {
    mutating func operate(
        _ request: OperatorRequest, _ bytes: Span<UInt8>, noReply: Bool,
        _ context: inout WorkerContext
    ) {
        if let reply = answer(request, bytes, &context) {
            context.reply(reply, unless: noReply)
        }
    }

    /// nil: it is answered already.
    private mutating func answer(
        _ request: OperatorRequest, _ bytes: Span<UInt8>, _ context: inout WorkerContext
    ) -> StaticString? {
        let server = context.server
        switch request {
        case .dump(let format, let classes, let prefix):
            let bytesOfPrefix = prefix.map { ($0.start..<$0.end).map { bytes[$0] } } ?? []
            return beginDump(format, bytes[classes], prefix: bytesOfPrefix, &context)
        case .crawl(let classes): return crawl(bytes[classes], server)
        case .enableCrawler(true):
            return server.crawler.enable() ? TextReply.ok : TextReply.crawlerFailed
        case .enableCrawler(false): server.crawler.disable()
        case .crawlerSleep(let microseconds):
            server.tuning.withLock { $0.crawlerSleepMicroseconds = microseconds }
        case .crawlerToCrawl(let count): server.tuning.withLock { $0.crawlerToCrawl = count }
        case .tune(let hotPercent, let warmPercent, let hotFactor, let warmFactor):
            server.tuning.withLock { tuning in
                tuning.hotPercent = hotPercent
                tuning.warmPercent = warmPercent
                tuning.hotFactor = hotFactor
                tuning.warmFactor = warmFactor
            }
        case .lruMode(let isSegmented):
            // What memcached answers when it has no thread for it.
            if isSegmented || !server.settings.lruMaintainerEnabled { return TextReply.error }
        case .temporaryTTL(let seconds):
            if seconds >= 0 || !server.settings.lruMaintainerEnabled { return TextReply.error }
        case .reassignPage(let source, let target):
            return reassign(source, target, context.engine)
        case .automove(let level): return level == 1 ? TextReply.ok : TextReply.error
        case .automoveRatio(let ratio): server.tuning.withLock { $0.automoveRatio = ratio }
        case .automoveFreeRatio(let ratio):
            server.tuning.withLock { $0.automoveFreeRatio = ratio }
        case .automoveWindow(let window): server.tuning.withLock { $0.automoveWindow = window }
        case .watch(let streams): return watch(streams, &context)
        case .getConfiguration(let name): return getConfiguration(bytes[name], &context)
        }
        return TextReply.ok
    }

    private func crawl(_ classes: Span<UInt8>, _ server: ServerState) -> StaticString {
        guard server.crawler.isEnabled else { return TextReply.crawlerDisabled }
        let selection = ClassSelection(classes)
        guard selection != .hash else { return TextReply.crawlerUnknown }
        // A pass is over all classes: what it is asked for is among them.
        if case .refused(let reply) = selection.checked { return reply }
        return server.crawler.requestCrawl() ? TextReply.ok : TextReply.crawlerBusy
    }

    /// A page without items, or whose items have room on others, goes to whichever class needs it;
    /// there is none to be had beside that.
    private func reassign(
        _ source: Int32, _ target: Int32, _ engine: CacheEngine
    ) -> StaticString {
        guard source != target else { return TextReply.reassignSame }
        let classes = 0...engine.classCount
        guard classes.contains(Int(source)), classes.contains(Int(target)) else {
            return TextReply.reassignBadClass
        }
        return TextReply.reassignNoSpare
    }

    /// From here on the connection is sent what happens, and nothing else.
    private mutating func watch(
        _ streams: WatchStreams?, _ context: inout WorkerContext
    ) -> StaticString? {
        let settings = context.server.settings
        guard !settings.watchDisabled else { return TextReply.watchNotAllowed }
        guard let streams else { return TextReply.error }
        let watcher = Watcher(
            streams: streams, limitBytes: settings.watcherBufferBytes, worker: context.shared)
        guard context.server.watchers.add(watcher) else { return TextReply.tooManyWatchers }
        context.reply(TextReply.ok)
        state = .watching(watcher)
        return nil
    }
}
