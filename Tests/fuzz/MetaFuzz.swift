// Compiled into the module Protocol by run.sh, not by SwiftPM.

/// Checks what is made of a meta command's line.
/// - Returns: how many bytes of value follow it, their line ending included.
func checkMeta(_ command: MetaCommand, _ input: [UInt8], _ rest: ByteRange) -> Int {
    guard command != .noop else { return 0 }
    switch MetaParser.parse(command, input.span, rest) {
    case .error: return 0
    case .storeError(_, let length):
        precondition(command == .set && length >= 0, "a value behind what stores none")
        return length + 2
    case .request(let request):
        precondition(rest.start <= request.key.start && request.key.end <= rest.end)
        precondition((1...ProtocolLimits.maximumKeyBytes).contains(request.key.count))
        checkFlags(request, command, input, rest)
        if request.isKeyBinary { checkKey(request, input) }
        return command == .set ? request.valueLength + 2 : 0
    }
}

private func checkFlags(
    _ request: MetaRequest, _ command: MetaCommand, _ input: [UInt8], _ rest: ByteRange
) {
    var flags = MetaFlags(request.flags)
    var seen: Set<UInt8> = []
    while let (letter, token) = flags.next(in: input.span) {
        precondition(request.key.end < token.start && token.end <= rest.end)
        precondition(input[token.start] == letter)
        guard command != .debug else { continue }
        precondition(seen.insert(letter).inserted, "a flag twice")
        precondition(request.has(Unicode.Scalar(letter)), "a flag that is forgotten")
        precondition(letter != UInt8(ascii: "O") || token.count <= 32, "too long an opaque")
    }
    precondition(seen.count <= 18, "too many flags")
}

/// A key that is decoded and encoded again is another text, perhaps, but the same key.
private func checkKey(_ request: MetaRequest, _ input: [UInt8]) {
    var decoded = Base64.Decoded(repeating: 0)
    let count = Base64.decode(input.span[request.key], into: &decoded)
    precondition(count > 0 && count <= 186, "no key")
    var buffer = ByteBuffer(capacity: 64)
    buffer.appendEchoes(request, input.span, key: decoded.span.extracting(0..<count))
    buffer.removeAll()
    buffer.appendBase64(decoded.span.extracting(0..<count))
    precondition(buffer.count <= ProtocolLimits.maximumKeyBytes)
    var again = Base64.Decoded(repeating: 0xff)
    precondition(Base64.decode(buffer.bytes, into: &again) == count)
    for position in 0..<count { precondition(again[position] == decoded[position]) }
}
