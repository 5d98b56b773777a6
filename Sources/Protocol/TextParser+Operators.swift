/// The commands of operators, in the order in which memcached checks them. It takes the beginning
/// of a sub-command for the whole.
extension TextParser {
    /// nil: it is none of them.
    static func operatorRequest(
        _ tokens: Tokens, _ bytes: Span<UInt8>, _ noReply: Bool
    ) -> TextRequest? {
        let name = tokens[0]
        func isNamed(_ text: StaticString) -> Bool {
            Scan.matches(text, bytes, name.start, name.end)
        }
        if isNamed("lru_crawler") { return crawler(tokens, bytes, noReply) }
        if isNamed("lru") { return lru(tokens, bytes, noReply) }
        if isNamed("slabs") { return slabs(tokens, bytes, noReply) }
        if isNamed("watch") { return .operation(.watch(streams(tokens, bytes)), noReply: false) }
        if isNamed("config") { return configuration(tokens, bytes, noReply) }
        return nil
    }

    /// Whether the token is `name`, or its beginning.
    private static func begins(
        _ name: StaticString, _ token: ByteRange, _ bytes: Span<UInt8>
    ) -> Bool {
        guard token.count <= name.utf8CodeUnitCount else { return false }
        for offset in 0..<token.count
        where unsafe bytes[token.start + offset] != name.utf8Start[offset] {
            return false
        }
        return true
    }

    private static func crawler(
        _ tokens: Tokens, _ bytes: Span<UInt8>, _ noReply: Bool
    ) -> TextRequest {
        let unknown = TextRequest.error(TextReply.error, noReply: noReply)
        guard let subcommand = tokens.at(1) else { return unknown }
        func isMeant(_ name: StaticString) -> Bool { begins(name, subcommand, bytes) }
        if tokens.count == 2 {
            if isMeant("enable") { return .operation(.enableCrawler(true), noReply: noReply) }
            if isMeant("disable") { return .operation(.enableCrawler(false), noReply: noReply) }
            return unknown
        }
        // A prefix is an addition of ours; memcached takes no fourth token.
        guard tokens.count == 3 || tokens.count == 4 else { return unknown }
        let isDump = tokens.count == 3 || hasPrefixOption(tokens, bytes)
        let isShort = tokens.count == 3
        if isShort, isMeant("crawl") {
            return .operation(.crawl(classes: tokens[2]), noReply: noReply)
        }
        if isDump, isMeant("metadump") { return dump(.metadump, tokens, bytes, noReply) }
        if isDump, isMeant("mgdump") { return dump(.mgdump, tokens, bytes, noReply) }
        guard isShort else { return unknown }
        if isMeant("tocrawl") {
            guard let count = Numbers.strictUnsigned32(bytes[tokens[2]]) else {
                return .error(TextReply.badFormat, noReply: noReply)
            }
            return .operation(.crawlerToCrawl(count), noReply: noReply)
        }
        if isMeant("sleep") {
            guard let microseconds = Numbers.strictUnsigned32(bytes[tokens[2]]) else {
                return .error(TextReply.badFormat, noReply: noReply)
            }
            guard microseconds <= 1_000_000 else {
                return .error(TextReply.sleepTooLong, noReply: noReply)
            }
            return .operation(.crawlerSleep(microseconds: microseconds), noReply: noReply)
        }
        return unknown
    }

    private static let prefixOption: StaticString = "prefix="

    private static func hasPrefixOption(_ tokens: Tokens, _ bytes: Span<UInt8>) -> Bool {
        guard let token = tokens.at(3), token.count >= prefixOption.utf8CodeUnitCount else {
            return false
        }
        return Scan.matches(
            prefixOption, bytes, token.start, token.start + prefixOption.utf8CodeUnitCount)
    }

    private static func dump(
        _ format: DumpFormat, _ tokens: Tokens, _ bytes: Span<UInt8>, _ noReply: Bool
    ) -> TextRequest {
        var prefix = tokens.at(3)
        prefix?.start += prefixOption.utf8CodeUnitCount
        guard prefix?.count ?? 0 <= ProtocolLimits.maximumKeyBytes else {
            return .error(TextReply.badFormat, noReply: noReply)
        }
        return .operation(.dump(format, classes: tokens[2], prefix: prefix), noReply: noReply)
    }

    private static func lru(
        _ tokens: Tokens, _ bytes: Span<UInt8>, _ noReply: Bool
    ) -> TextRequest {
        let unknown = TextRequest.error(TextReply.error, noReply: noReply)
        guard let subcommand = tokens.at(1) else { return unknown }
        if begins("tune", subcommand, bytes), tokens.count >= 6 {
            return tune(tokens, bytes, noReply)
        }
        guard let value = tokens.at(2) else { return unknown }
        if begins("mode", subcommand, bytes) {
            if begins("flat", value, bytes) {
                return .operation(.lruMode(isSegmented: false), noReply: noReply)
            }
            guard begins("segmented", value, bytes) else { return unknown }
            return .operation(.lruMode(isSegmented: true), noReply: noReply)
        }
        if begins("temp_ttl", subcommand, bytes),
            let seconds = Numbers.strictSigned32(bytes[value])
        {
            return .operation(.temporaryTTL(seconds), noReply: noReply)
        }
        return unknown
    }

    private static func tune(
        _ tokens: Tokens, _ bytes: Span<UInt8>, _ noReply: Bool
    ) -> TextRequest {
        guard let hot = Numbers.strictUnsigned32(bytes[tokens[2]]),
            let warm = Numbers.strictUnsigned32(bytes[tokens[3]]),
            let hotFactor = Numbers.decimal(bytes[tokens[4]]),
            let warmFactor = Numbers.decimal(bytes[tokens[5]])
        else { return .error(TextReply.error, noReply: noReply) }
        guard UInt64(hot) + UInt64(warm) <= 80 else {
            return .error(TextReply.percentTooHigh, noReply: noReply)
        }
        guard hotFactor > 0, warmFactor > 0 else {
            return .error(TextReply.factorTooLow, noReply: noReply)
        }
        return .operation(
            .tune(
                hotPercent: hot, warmPercent: warm, hotFactor: hotFactor, warmFactor: warmFactor),
            noReply: noReply)
    }

    private static func slabs(
        _ tokens: Tokens, _ bytes: Span<UInt8>, _ noReply: Bool
    ) -> TextRequest {
        guard let subcommand = tokens.at(1) else {
            return .error(TextReply.error, noReply: noReply)
        }
        if tokens.count == 4, begins("reassign", subcommand, bytes) {
            guard let source = Numbers.strictSigned32(bytes[tokens[2]]),
                let target = Numbers.strictSigned32(bytes[tokens[3]])
            else { return .error(TextReply.badFormat, noReply: noReply) }
            return .operation(.reassignPage(from: source, to: target), noReply: noReply)
        }
        guard let what = tokens.at(2), begins("automove", subcommand, bytes) else {
            return .error(TextReply.error, noReply: noReply)
        }
        return automove(what, tokens.at(3), bytes, noReply)
    }

    private static func automove(
        _ what: ByteRange, _ value: ByteRange?, _ bytes: Span<UInt8>, _ noReply: Bool
    ) -> TextRequest {
        let isRatio = begins("ratio", what, bytes)
        if isRatio || begins("freeratio", what, bytes) {
            guard let ratio = value.flatMap({ Numbers.decimal(bytes[$0]) }) else {
                return .error(TextReply.error, noReply: noReply)
            }
            return .operation(
                isRatio ? .automoveRatio(ratio) : .automoveFreeRatio(ratio), noReply: noReply)
        }
        if begins("window", what, bytes) {
            guard let window = value.flatMap({ Numbers.strictUnsigned32(bytes[$0]) }) else {
                return .error(TextReply.badFormat, noReply: noReply)
            }
            guard (3...1800).contains(window) else {
                return .error(TextReply.automoveWindow, noReply: noReply)
            }
            return .operation(.automoveWindow(window), noReply: noReply)
        }
        guard let level = Numbers.strictUnsigned32(bytes[what]) else {
            return .error(TextReply.badFormat, noReply: noReply)
        }
        guard level <= 2 else { return .error(TextReply.error, noReply: noReply) }
        return .operation(.automove(level: level), noReply: noReply)
    }

    /// The streams that a `watch` names; without any, the fetchers.
    private static func streams(_ tokens: Tokens, _ bytes: Span<UInt8>) -> WatchStreams? {
        guard tokens.count > 1 else { return .fetchers }
        var streams = WatchStreams()
        for position in 1..<tokens.count {
            guard let stream = stream(tokens[position], bytes) else { return nil }
            streams.insert(stream)
        }
        return streams
    }

    /// The first in memcached's order that the token is the beginning of. There is no proxy here,
    /// so there are no streams of one.
    private static func stream(_ token: ByteRange, _ bytes: Span<UInt8>) -> WatchStreams? {
        if begins("rawcmds", token, bytes) { return .rawCommands }
        if begins("evictions", token, bytes) { return .evictions }
        if begins("fetchers", token, bytes) { return .fetchers }
        if begins("mutations", token, bytes) { return .mutations }
        if begins("sysevents", token, bytes) { return .systemEvents }
        if begins("connevents", token, bytes) { return .connectionEvents }
        if begins("deletions", token, bytes) { return .deletions }
        return nil
    }

    /// `config get <name>`, and `config set <name> <flags> <bytes>` before a body, of ElastiCache.
    private static func configuration(
        _ tokens: Tokens, _ bytes: Span<UInt8>, _ noReply: Bool
    ) -> TextRequest {
        let unknown = TextRequest.error(TextReply.error, noReply: noReply)
        guard tokens.count >= 3 else { return unknown }
        let verb = tokens[1]
        let name = tokens[2]
        if tokens.count == 3, Scan.matches("get", bytes, verb.start, verb.end) {
            return .operation(.getConfiguration(name: name), noReply: noReply)
        }
        guard Scan.matches("set", bytes, verb.start, verb.end),
            Scan.matches("cluster", bytes, name.start, name.end),
            let length = tokens.at(4).flatMap({ Numbers.strictSigned32(bytes[$0]) }),
            length >= 0, Int(length) <= ProtocolLimits.maximumValueLength
        else { return unknown }
        return .setCluster(length: Int(length), noReply: noReply)
    }
}
