/// memcached's meta commands: lines to requests, in the order in which memcached 1.6.45 checks them.
///
/// It never traps, whatever the bytes are, and keeps no state.
public enum MetaParser {
    /// Tokens of a line that are looked at, and that may be there.
    private static let tokensLookedAt = 23
    private static let maximumTokens = 20
    /// Bytes of an opaque's token, its O included.
    private static let maximumOpaqueBytes = 32

    /// Parses what follows the command's name on its line.
    /// - Complexity: O(length of the line).
    public static func parse(
        _ command: MetaCommand, _ bytes: Span<UInt8>, _ rest: ByteRange
    ) -> MetaParseResult {
        var tokens = KeyList(rest)
        guard let key = tokens.next(in: bytes) else { return .error(TextReply.badFormat) }
        var length = 0
        if command == .set {
            guard let token = tokens.next(in: bytes),
                let announced = Numbers.strictSigned32(bytes[token]), announced >= 0,
                Int(announced) <= ProtocolLimits.maximumValueLength
            else {
                // Nobody knows where the value would end, so nothing is swallowed.
                return .error(TextReply.badFormat)
            }
            length = Int(announced)
        }
        var request = MetaRequest(key: key, flags: tokens.rest)
        request.valueLength = length
        let before = command == .set ? 3 : 2
        guard let count = countFlags(request.flags, bytes, before: before) else {
            return .error(TextReply.badFormat)
        }
        var fault: StaticString?
        if key.count > ProtocolLimits.maximumKeyBytes {
            fault = TextReply.badFormat
        } else if command == .debug {
            fault = readDebugFlag(&request, bytes)
        } else if before + count > maximumTokens {
            fault = TextReply.metaFlagsTooLong
        } else {
            fault = readFlags(&request, bytes)
        }
        if fault != nil, command == .arithmetic {
            fault = TextReply.arithmeticFlags
        }
        fault = fault ?? modeFault(command, request.mode)
        // A request that is in error changes nothing, so this is told before it is executed.
        if fault == nil, request.has("O"), hasLongOpaque(request, bytes) {
            fault = TextReply.opaqueTooLong
        }
        guard let fault else { return .request(request) }
        return command == .set ? .storeError(fault, length: length) : .error(fault)
    }

    /// How many there are, of those that are looked at; nil if one can't be a flag at all.
    private static func countFlags(
        _ flags: ByteRange, _ bytes: Span<UInt8>, before: Int
    ) -> Int? {
        var tokens = KeyList(flags)
        var count = 0
        while before + count < tokensLookedAt, let token = tokens.next(in: bytes) {
            let first = bytes[token.start]
            let isDigit = first &- UInt8(ascii: "0") < 10
            guard isDigit || first &- UInt8(ascii: "A") < 58 else { return nil }
            count += 1
        }
        return count
    }

    private static func modeFault(_ command: MetaCommand, _ mode: UInt8) -> StaticString? {
        switch (command, mode) {
        case (.set, 0), (.set, UInt8(ascii: "S")), (.set, UInt8(ascii: "E")),
            (.set, UInt8(ascii: "A")), (.set, UInt8(ascii: "P")), (.set, UInt8(ascii: "R")):
            nil
        case (.set, _): TextReply.invalidSetMode
        case (.arithmetic, 0), (.arithmetic, UInt8(ascii: "I")), (.arithmetic, UInt8(ascii: "+")),
            (.arithmetic, UInt8(ascii: "D")), (.arithmetic, UInt8(ascii: "-")):
            nil
        case (.arithmetic, _): TextReply.invalidArithmeticMode
        default: nil
        }
    }

    /// `me` takes only b, as its first flag.
    private static func readDebugFlag(
        _ request: inout MetaRequest, _ bytes: Span<UInt8>
    ) -> StaticString? {
        var flags = MetaFlags(request.flags)
        guard let flag = flags.next(in: bytes), flag.letter == UInt8(ascii: "b"),
            flag.token.count == 1
        else { return nil }
        _ = request.letters.insert(flag.letter)
        return Base64.isDecodable(bytes[request.key]) ? nil : TextReply.badFormat
    }

    private static func hasLongOpaque(_ request: MetaRequest, _ bytes: Span<UInt8>) -> Bool {
        var flags = MetaFlags(request.flags)
        while let (letter, token) = flags.next(in: bytes) {
            if letter == UInt8(ascii: "O") { return token.count > maximumOpaqueBytes }
        }
        return false
    }

    /// Reads the flags into the request. The first fault that makes a line senseless is told; of
    /// the others, the last.
    private static func readFlags(
        _ request: inout MetaRequest, _ bytes: Span<UInt8>
    ) -> StaticString? {
        var fault: StaticString?
        var flags = MetaFlags(request.flags)
        while let (letter, token) = flags.next(in: bytes) {
            guard letter >= UInt8(ascii: "A") else { return TextReply.invalidFlag }
            guard request.letters.insert(letter) else { return TextReply.duplicateFlag }
            let argument = bytes.extracting(token.start + 1..<token.end)
            switch letter {
            case UInt8(ascii: "c"), UInt8(ascii: "f"), UInt8(ascii: "h"), UInt8(ascii: "k"),
                UInt8(ascii: "l"), UInt8(ascii: "q"), UInt8(ascii: "s"), UInt8(ascii: "t"),
                UInt8(ascii: "u"), UInt8(ascii: "v"), UInt8(ascii: "x"), UInt8(ascii: "I"),
                UInt8(ascii: "O"):
                break
            // For a proxy on the way.
            case UInt8(ascii: "P"), UInt8(ascii: "L"): break
            case UInt8(ascii: "b"):
                if !Base64.isDecodable(bytes[request.key]) { fault = TextReply.keyNotDecodable }
            case UInt8(ascii: "M"):
                // Without a mode, memcached sees what separates the tokens.
                request.mode = argument.isEmpty ? UInt8(ascii: " ") : argument[0]
            case UInt8(ascii: "F"):
                if let value = Numbers.strictUnsigned32(argument) {
                    request.clientFlags = value
                } else {
                    fault = fault ?? TextReply.badFormat
                }
            case UInt8(ascii: "T"), UInt8(ascii: "N"), UInt8(ascii: "R"):
                if !readExptime(letter, argument, &request) { fault = TextReply.badToken }
            case UInt8(ascii: "C"), UInt8(ascii: "E"), UInt8(ascii: "J"), UInt8(ascii: "D"):
                fault = readNumber(letter, argument, &request) ?? fault
            default: return TextReply.invalidFlag
            }
        }
        return fault
    }

    private static func readExptime(
        _ letter: UInt8, _ argument: Span<UInt8>, _ request: inout MetaRequest
    ) -> Bool {
        guard let value = Numbers.strictSigned32(argument) else { return false }
        switch letter {
        case UInt8(ascii: "T"): request.exptime = value
        case UInt8(ascii: "N"): request.vivifyExptime = value
        default: request.recacheExptime = value
        }
        return true
    }

    /// What is wrong with the number, if anything is.
    private static func readNumber(
        _ letter: UInt8, _ argument: Span<UInt8>, _ request: inout MetaRequest
    ) -> StaticString? {
        let value = Numbers.strictUnsigned64(argument)
        switch letter {
        case UInt8(ascii: "C"): request.comparedCAS = value ?? 0
        case UInt8(ascii: "E"): request.newCAS = value ?? 0
        case UInt8(ascii: "J"): request.initial = value ?? 0
        default: request.delta = value ?? 0
        }
        guard value == nil else { return nil }
        switch letter {
        case UInt8(ascii: "C"), UInt8(ascii: "E"): return TextReply.badToken
        case UInt8(ascii: "J"): return TextReply.invalidInitial
        default: return TextReply.invalidDeltaValue
        }
    }
}
