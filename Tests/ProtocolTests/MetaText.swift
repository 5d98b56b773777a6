@testable import Protocol

/// A meta command's request in words: what a table of cases can be compared with.
enum MetaText {
    /// What the parser makes of a line without its ending.
    static func of(_ line: String) -> String {
        let bytes = Array((line + "\r\n").utf8)
        guard case .request(.meta(let command, let rest), _) = TextParser.parse(bytes.span, from: 0)
        else { return "no meta command" }
        return describe(MetaParser.parse(command, bytes.span, rest), bytes)
    }

    static func describe(_ result: MetaParseResult, _ bytes: [UInt8]) -> String {
        switch result {
        case .request(let request): text(request, bytes)
        case .error(let reply): trimmed(reply)
        case .storeError(let reply, let length): "\(trimmed(reply)), \(length) swallowed"
        }
    }

    /// The key, the length if there is one, then each flag as its letter and what was read of it.
    private static func text(_ request: MetaRequest, _ bytes: [UInt8]) -> String {
        var text = slice(request.key, bytes)
        if request.valueLength > 0 { text += " \(request.valueLength)" }
        var flags = MetaFlags(request.flags)
        while let (letter, token) = flags.next(in: bytes.span) {
            let number: String? =
                switch letter {
                case UInt8(ascii: "T"): "\(request.exptime)"
                case UInt8(ascii: "N"): "\(request.vivifyExptime)"
                case UInt8(ascii: "R"): "\(request.recacheExptime)"
                case UInt8(ascii: "C"): "\(request.comparedCAS)"
                case UInt8(ascii: "E"): "\(request.newCAS)"
                case UInt8(ascii: "F"): "\(request.clientFlags)"
                case UInt8(ascii: "J"): "\(request.initial)"
                case UInt8(ascii: "D"): "\(request.delta)"
                case UInt8(ascii: "M"): "\(Character(UnicodeScalar(request.mode)))"
                default: nil
                }
            let letterText = "\(Character(UnicodeScalar(letter)))"
            text += " " + (number.map { letterText + $0 } ?? slice(token, bytes))
        }
        return text
    }

    private static func trimmed(_ reply: StaticString) -> String {
        String(reply.description.prefix { $0 != "\r\n" })
    }

    private static func slice(_ range: ByteRange, _ bytes: [UInt8]) -> String {
        String(decoding: bytes[range.start..<range.end], as: UTF8.self)
    }
}
