// Compiled into the module Protocol by run.sh, not by SwiftPM.

/// Parses what libFuzzer gives as a connection would: request after request, each value skipped.
///
/// A fault is a trap, an address error, a range outside its line, or a request that a shorter part
/// of the same bytes makes something else of.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzParser(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    checkLogins(input)
    if input.first == BinaryHeader.requestMagic {
        parsePackets(input)
        return 0
    }
    var position = 0
    while position <= input.count {
        let result = TextParser.parse(input.span, from: position)
        checkPrefixes(of: input, from: position, result)
        guard case .request(let request, let next) = result else {
            if case .endlessRetrieval(let keys, _) = result { readRest(input, from: keys) }
            return 0
        }
        precondition(next > position && next <= input.count, "a request ends outside its bytes")
        for range in ranges(of: request) {
            precondition(
                position <= range.start && range.start <= range.end && range.end < next,
                "a range lies outside its line")
            var keys = KeyList(range)
            while let key = keys.next(in: input.span) {
                precondition(key.start >= range.start && key.end <= range.end)
            }
        }
        var length = valueLength(of: request)
        if case .meta(let command, let rest) = request { length = checkMeta(command, input, rest) }
        position = next + min(length, input.count - next + 1)
    }
    return 0
}

/// The same in the binary protocol.
private func parsePackets(_ input: [UInt8]) {
    var position = 0
    while case .header(let header) = BinaryHeader.parse(input.span, from: position),
        header.refusal == nil
    {
        let result = BinaryParser.parse(header, input.span, from: position)
        guard case .request(let request, let next) = result else {
            if case .incomplete(let needed) = result {
                precondition(needed > input.count - position, "it is there, and waited for")
            }
            return
        }
        let body = position + BinaryHeader.byteCount
        precondition(next >= body && next <= input.count, "a request ends outside its bytes")
        if let key = key(of: request) {
            precondition(body <= key.start && key.start <= key.end && key.end == next)
        }
        let part = input.span.extracting(0..<next - 1)
        if case .header(let header) = BinaryHeader.parse(part, from: position),
            case .request = BinaryParser.parse(header, part, from: position)
        {
            preconditionFailure("a request was seen in a part of it")
        }
        let end = body + header.bodyLength
        precondition(end >= next, "a value of less than nothing")
        guard end <= input.count else { return }
        position = end
    }
}

private func key(of request: BinaryRequest) -> ByteRange? {
    switch request {
    case .retrieve(let key, _), .touch(let key, _), .delete(let key, _), .stat(let key),
        .login(let key, _, _):
        key
    case .store(let store): store.key
    case .adjust(let adjustment): adjustment.key
    case .flush, .verbosity, .noop, .version, .quit, .saslMechanisms, .unknown: nil
    }
}

/// What somebody says who is not logged in, in the text protocol and as SASL's PLAIN.
private func checkLogins(_ input: [UInt8]) {
    if let found = SASLPlain.parse(input.span) {
        precondition(found.user.end < found.password.start && found.password.end == input.count)
    }
    var position = 0
    while position <= input.count {
        switch TextLogin.parse(input.span, from: position) {
        case .incomplete(let needed):
            precondition(needed > input.count - position, "what is there already is asked for")
            return
        case .hangUp: return
        case .refused(_, let next), .tooLong(_, let next):
            precondition(next > position && next <= input.count)
            position = next
        case .credentials(let user, let password, let next):
            precondition(
                position < user.start && user.end < password.start
                    && password.end == next - 2 && next <= input.count)
            position = next
        }
    }
}

private func readRest(_ input: [UInt8], from start: Int) {
    var position = start
    while case .keys(_, let next, let endsLine) = RetrievalRest.parse(input.span, from: position) {
        precondition(next > position && next <= input.count, "no progress in a long line")
        position = next
        if endsLine { return }
    }
}

/// The next complete request must not show before its line is complete.
private func checkPrefixes(of input: [UInt8], from start: Int, _ whole: ParseResult) {
    guard case .request(_, let next) = whole else { return }
    for end in Set([start, (start + next) / 2, next - 1]) {
        let part = input.span.extracting(0..<end)
        if case .request = TextParser.parse(part, from: start) {
            preconditionFailure("a request was seen in a part of its line")
        }
    }
}

private func valueLength(of request: TextRequest) -> Int {
    switch request {
    case .store(_, _, _, _, let length, _), .storeError(_, let length, _): length + 2
    default: 0
    }
}

private func ranges(of request: TextRequest) -> [ByteRange] {
    switch request {
    case .get(let keys, _), .getAndTouch(let keys, _, _): [keys]
    case .store(_, let key, _, _, _, _), .delete(let key, _), .touch(let key, _, _),
        .increment(let key, _, _), .decrement(let key, _, _):
        [key]
    case .stats(let arguments): [arguments]
    case .meta(_, let rest): [rest]
    default: []
    }
}
