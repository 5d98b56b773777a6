/// memcached's classic text commands: bytes to requests.
///
/// The contract is memcached's doc/protocol.txt; where it is silent, what memcached 1.6.45 does.
/// It never traps, whatever the bytes are, and keeps no state: a caller with an incomplete line
/// comes again with more of it.
public enum TextParser {
    /// Parses the request that begins at `start`.
    /// - Complexity: O(length of its line).
    public static func parse(_ bytes: Span<UInt8>, from start: Int) -> ParseResult {
        guard
            let newline = Scan.first(
                UInt8(ascii: "\n"), in: bytes, from: start, to: bytes.count)
        else {
            return unterminated(bytes, from: start)
        }
        let next = newline + 1
        // Shorter lines cannot be commands, and memcached says so before it looks.
        guard next - start >= 4 else { return .request(badFormat(), next: next) }
        let end = bytes[newline - 1] == UInt8(ascii: "\r") ? newline - 1 : newline
        return .request(parseLine(bytes, start: start, end: end), next: next)
    }

    /// Whether a key can stand in a line as it is: there is nothing in it that ends a word or line.
    /// The binary protocol, and base64, know others.
    public static func isKey(_ key: Span<UInt8>) -> Bool {
        for position in 0..<key.count where key[position] <= UInt8(ascii: " ") { return false }
        return true
    }

    /// The first request's key, if it is a `get` or `set`: something to prefetch with, and no more
    /// than a guess.
    public static func likelyKey(_ bytes: Span<UInt8>) -> ByteRange? {
        let start = 4
        guard bytes.count > start, bytes[start - 1] == UInt8(ascii: " ") else { return nil }
        var end = start
        let limit = min(bytes.count, start + ProtocolLimits.maximumKeyBytes)
        while end < limit, bytes[end] > UInt8(ascii: " ") { end += 1 }
        return ByteRange(start: start, end: end)
    }

    /// memcached gives up on an endless line, unless it is a `get` or `gets`, perhaps after a few
    /// spaces.
    private static func unterminated(_ bytes: Span<UInt8>, from start: Int) -> ParseResult {
        let count = bytes.count - start
        guard count > ProtocolLimits.maximumLineBytes else { return .incomplete }
        var name = start
        while name - start <= 100, bytes[name] == UInt8(ascii: " ") { name += 1 }
        guard name - start <= 100 else { return .lineTooLong }
        let isGet = Scan.matches("get ", bytes, name, name + 4)
        guard isGet || Scan.matches("gets ", bytes, name, name + 5) else { return .lineTooLong }
        if count < ProtocolLimits.wholeRetrievalLineBytes { return .incomplete }
        // A leading space is an error that can only be told at the line's end.
        if name > start { return .lineTooLong }
        return .endlessRetrieval(keys: name + (isGet ? 4 : 5), withCAS: !isGet)
    }

    private static func badFormat() -> TextRequest {
        .error(TextReply.badFormat, noReply: false)
    }

    @inline(__always)
    private static func parseLine(_ bytes: Span<UInt8>, start: Int, end: Int) -> TextRequest {
        // The command that matters most is looked for first.
        if end - start > 4, bytes[start] == UInt8(ascii: "g"),
            bytes[start + 1] == UInt8(ascii: "e"),
            bytes[start + 2] == UInt8(ascii: "t")
        {
            if bytes[start + 3] == UInt8(ascii: " ") {
                return retrieval(bytes, ByteRange(start: start + 4, end: end), withCAS: false)
            }
            if bytes[start + 3] == UInt8(ascii: "s"), bytes[start + 4] == UInt8(ascii: " ") {
                return retrieval(bytes, ByteRange(start: start + 5, end: end), withCAS: true)
            }
        }
        if bytes[start] == UInt8(ascii: "m"),
            let command = metaCommand(bytes, start: start, end: end)
        {
            return .meta(command, rest: ByteRange(start: start + 2, end: end))
        }
        return parseOther(bytes, start: start, end: end)
    }

    /// Two letters, and behind them a space or nothing.
    @inline(__always)
    private static func metaCommand(
        _ bytes: Span<UInt8>, start: Int, end: Int
    ) -> MetaCommand? {
        guard end - start >= 2 else { return nil }
        guard end - start == 2 || bytes[start + 2] == UInt8(ascii: " ") else { return nil }
        switch bytes[start + 1] {
        case UInt8(ascii: "g"): return .get
        case UInt8(ascii: "s"): return .set
        case UInt8(ascii: "d"): return .delete
        case UInt8(ascii: "a"): return .arithmetic
        case UInt8(ascii: "n"): return .noop
        case UInt8(ascii: "e"): return .debug
        default: return nil
        }
    }

    /// Checks every key before any is answered: one that is too long spoils the whole line.
    @inline(__always)
    private static func retrieval(
        _ bytes: Span<UInt8>, _ rest: ByteRange, withCAS: Bool
    ) -> TextRequest {
        guard let keys = checkedKeys(bytes, rest) else { return badFormat() }
        return .get(keys: keys, withCAS: withCAS)
    }

    /// The range from the first key on; nil if there is none or one is too long.
    @inline(__always)
    private static func checkedKeys(_ bytes: Span<UInt8>, _ rest: ByteRange) -> ByteRange? {
        var keys = KeyList(rest)
        guard let first = keys.next(in: bytes) else { return nil }
        guard first.count <= ProtocolLimits.maximumKeyBytes else { return nil }
        while let key = keys.next(in: bytes) {
            guard key.count <= ProtocolLimits.maximumKeyBytes else { return nil }
        }
        return ByteRange(start: first.start, end: rest.end)
    }

    private static func parseOther(_ bytes: Span<UInt8>, start: Int, end: Int) -> TextRequest {
        // memcached compares what stands before the first space, so a leading space is an error.
        let nameEnd =
            Scan.first(UInt8(ascii: " "), in: bytes, from: start, to: end) ?? end
        let tokens = Tokens(bytes, start: start, end: end)
        func isNamed(_ name: StaticString) -> Bool {
            Scan.matches(name, bytes, start, nameEnd)
        }
        switch nameEnd - start {
        case 3:
            if isNamed("set") { return storage(tokens, bytes, .set) }
            if isNamed("add") { return storage(tokens, bytes, .add) }
            if isNamed("cas") { return storage(tokens, bytes, .cas(0)) }
            if isNamed("get") { return badFormat() }
            if isNamed("gat") { return getAndTouch(tokens, bytes, end, withCAS: false) }
        case 4:
            if isNamed("incr") { return arithmetic(tokens, bytes, isIncrement: true) }
            if isNamed("decr") { return arithmetic(tokens, bytes, isIncrement: false) }
            if isNamed("gats") { return getAndTouch(tokens, bytes, end, withCAS: true) }
            if isNamed("gets") { return badFormat() }
            if isNamed("quit") { return .quit }
        case 5:
            if isNamed("touch") { return touch(tokens, bytes) }
            if isNamed("stats") { return .stats(arguments: ByteRange(start: nameEnd, end: end)) }
        case 6:
            if isNamed("delete") { return delete(tokens, bytes) }
            if isNamed("append") { return storage(tokens, bytes, .append) }
        case 7:
            if isNamed("replace") { return storage(tokens, bytes, .replace) }
            if isNamed("prepend") { return storage(tokens, bytes, .prepend) }
            if isNamed("version") { return .version }
        default: break
        }
        return parseRare(tokens, bytes)
    }

    /// Commands that memcached finds by their first token, and what it does not know.
    private static func parseRare(_ tokens: Tokens, _ bytes: Span<UInt8>) -> TextRequest {
        let noReply = tokens.endsWithNoReply(bytes)
        guard tokens.count > 0 else { return .error(TextReply.error, noReply: noReply) }
        let name = tokens[0]
        if Scan.matches("flush_all", bytes, name.start, name.end) {
            return flushAll(tokens, bytes, noReply)
        }
        if Scan.matches("verbosity", bytes, name.start, name.end) {
            guard let level = tokens.at(1).flatMap({ Numbers.strictUnsigned32(bytes[$0]) }) else {
                return .error(TextReply.badFormat, noReply: noReply)
            }
            return .verbosity(level: level, noReply: noReply)
        }
        if Scan.matches("cache_memlimit", bytes, name.start, name.end) {
            guard let limit = tokens.at(1).flatMap({ Numbers.strictUnsigned32(bytes[$0]) }) else {
                return .error(TextReply.error, noReply: noReply)
            }
            return .cacheMemlimit(megabytes: limit, noReply: noReply)
        }
        if Scan.matches("refresh_certs", bytes, name.start, name.end) {
            return .refreshCertificates(noReply: noReply)
        }
        if Scan.matches("shutdown", bytes, name.start, name.end) {
            var mode = tokens.count == 1 ? ShutdownMode.immediate : .unknown
            if tokens.count == 2, Scan.matches("graceful", bytes, tokens[1].start, tokens[1].end) {
                mode = .graceful
            }
            return .shutdown(mode, noReply: noReply)
        }
        if let request = operatorRequest(tokens, bytes, noReply) { return request }
        if tokens.count > 1, let last = tokens.at(tokens.count - 1), last.count >= 5,
            Scan.matches("HTTP/", bytes, last.start, last.start + 5)
        {
            return .hangUp
        }
        return .error(TextReply.error, noReply: noReply)
    }
}
