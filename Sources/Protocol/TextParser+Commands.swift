/// The arguments of each command, in the order in which memcached checks them.
extension TextParser {
    /// `<name> <key> <flags> <exptime> <bytes> [<cas>] [noreply]`
    static func storage(
        _ tokens: Tokens, _ bytes: Span<UInt8>, _ command: StorageCommand
    ) -> TextRequest {
        guard let lengthToken = tokens.at(4),
            let length = Numbers.strictSigned32(bytes[lengthToken]), length >= 0,
            Int(length) <= ProtocolLimits.maximumValueLength
        else {
            // Nobody knows where the value would end, so nothing is swallowed.
            return .error(TextReply.badFormat, noReply: false)
        }
        let noReply = tokens.endsWithNoReply(bytes)
        let malformed = TextRequest.storeError(
            TextReply.badFormat, length: Int(length), noReply: noReply)
        guard let key = key(tokens, 1),
            let flags = Numbers.flags(bytes[tokens[2]]),
            let exptime = Numbers.looseSigned32(bytes[tokens[3]])
        else { return malformed }
        var storage = command
        if case .cas = command {
            guard let cas = tokens.at(5).flatMap({ Numbers.strictUnsigned64(bytes[$0]) }) else {
                return malformed
            }
            storage = .cas(cas)
        }
        return .store(
            storage, key: key, flags: flags, exptime: exptime, length: Int(length),
            noReply: noReply)
    }

    /// `gat[s] <exptime> <key>*`
    static func getAndTouch(
        _ tokens: Tokens, _ bytes: Span<UInt8>, _ end: Int, withCAS: Bool
    ) -> TextRequest {
        guard tokens.count >= 3 else { return .error(TextReply.badFormat, noReply: false) }
        guard let exptime = Numbers.strictSigned32(bytes[tokens[1]]) else {
            return .error(TextReply.invalidExptime, noReply: false)
        }
        var keys = KeyList(ByteRange(start: tokens[2].start, end: end))
        while let key = keys.next(in: bytes) {
            guard key.count <= ProtocolLimits.maximumKeyBytes else {
                return .error(TextReply.badFormat, noReply: false)
            }
        }
        return .getAndTouch(
            keys: ByteRange(start: tokens[2].start, end: end), exptime: exptime,
            withCAS: withCAS)
    }

    /// `delete <key> [<time>] [noreply]`: the time of old clients is ignored, whatever it is. More
    /// tokens are an error, as libmemcached's memccapable wants it (memcached 1.6 ignores them).
    static func delete(_ tokens: Tokens, _ bytes: Span<UInt8>) -> TextRequest {
        guard tokens.count >= 2 else { return .error(TextReply.badFormat, noReply: false) }
        let noReply = tokens.endsWithNoReply(bytes)
        guard let key = key(tokens, 1), tokens.count <= 4 else {
            return .error(TextReply.badFormat, noReply: noReply)
        }
        return .delete(key: key, noReply: noReply)
    }

    /// `touch <key> <exptime> [noreply]`
    static func touch(_ tokens: Tokens, _ bytes: Span<UInt8>) -> TextRequest {
        guard tokens.count >= 3 else { return .error(TextReply.badFormat, noReply: false) }
        let noReply = tokens.endsWithNoReply(bytes)
        guard let key = key(tokens, 1) else {
            return .error(TextReply.badFormat, noReply: noReply)
        }
        guard let exptime = Numbers.strictSigned32(bytes[tokens[2]]) else {
            return .error(TextReply.invalidExptime, noReply: noReply)
        }
        return .touch(key: key, exptime: exptime, noReply: noReply)
    }

    /// `incr|decr <key> <delta> [noreply]`
    static func arithmetic(
        _ tokens: Tokens, _ bytes: Span<UInt8>, isIncrement: Bool
    ) -> TextRequest {
        guard tokens.count >= 3 else { return .error(TextReply.badFormat, noReply: false) }
        let noReply = tokens.endsWithNoReply(bytes)
        guard let key = key(tokens, 1) else {
            return .error(TextReply.badFormat, noReply: noReply)
        }
        guard let delta = Numbers.strictUnsigned64(bytes[tokens[2]]) else {
            return .error(TextReply.invalidDelta, noReply: noReply)
        }
        return isIncrement
            ? .increment(key: key, delta: delta, noReply: noReply)
            : .decrement(key: key, delta: delta, noReply: noReply)
    }

    /// `flush_all [delay] [noreply]`
    static func flushAll(
        _ tokens: Tokens, _ bytes: Span<UInt8>, _ noReply: Bool
    ) -> TextRequest {
        guard tokens.count != (noReply ? 2 : 1) else {
            return .flushAll(delay: 0, noReply: noReply)
        }
        guard let delay = tokens.at(1).flatMap({ Numbers.strictSigned32(bytes[$0]) }) else {
            return .flushAllMalformed(noReply: noReply)
        }
        return .flushAll(delay: delay, noReply: noReply)
    }

    private static func key(_ tokens: Tokens, _ position: Int) -> ByteRange? {
        guard let key = tokens.at(position), key.count <= ProtocolLimits.maximumKeyBytes else {
            return nil
        }
        return key
    }
}
