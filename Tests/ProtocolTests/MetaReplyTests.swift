import Testing

@testable import Protocol

/// Parts of the answers to meta commands.
@Suite struct MetaReplyTests {
    private func text(_ fill: (inout ByteBuffer) -> Void) -> String {
        var buffer = ByteBuffer(capacity: 0)
        fill(&buffer)
        return String(decoding: (0..<buffer.count).map { buffer.bytes[$0] }, as: UTF8.self)
    }

    @Test func aFlagIsASpaceALetterAndPerhapsANumber() {
        #expect(text { $0.appendFlag("W") } == " W")
        #expect(text { $0.appendFlag("c", .max) } == " c18446744073709551615")
        #expect(text { $0.appendFlag("s", 0) } == " s0")
    }

    @Test(arguments: [(nil, "-1"), (0, "0"), (30, "30"), (.max, "9223372036854775807"), (-5, "0")])
    func aTTLIsInSecondsAndNoneIsMinusOne(seconds: Int64?, expected: String) {
        #expect(text { $0.appendTTL(seconds) } == " t" + expected)
    }

    @Test func aBinaryKeyIsTaggedAndInBase64() {
        let key = Array("a\nb".utf8)
        let tagged = text { $0.appendKeyFlag(key.span, isBinary: true) }
        let plain = text { $0.appendKeyFlag(key.span, isBinary: false) }
        #expect(tagged == " kYQpi b" && plain == " ka\nb")
    }

    static let echoes: [(String, String)] = [
        ("mg YWJj v t", ""), ("mg key O1 v k", " O1 kkey"), ("mg key k O1", " kkey O1"),
        ("mg YWJj O k b", " O kYWJj b"), ("mg YWJj b k Oxyz", " kYWJj b Oxyz"),
        ("mg key k", " kkey"),
        // In the canonical form, whatever was skipped of what came.
        ("mg Y.W.J.j b k", " kYWJj b"),
    ]

    @Test(arguments: echoes) func whatIsEchoedStandsInTheRequestsOrder(line: String, echo: String) {
        let bytes = Array(line.utf8)
        let rest = ByteRange(start: 2, end: bytes.count)
        guard case .request(let request) = MetaParser.parse(.get, bytes.span, rest) else {
            Issue.record("\(line) is not parsed")
            return
        }
        var decoded = Base64.Decoded(repeating: 0)
        var key = (request.key.start..<request.key.end).map { bytes[$0] }
        if request.isKeyBinary {
            let count = Base64.decode(bytes.span[request.key], into: &decoded)
            key = (0..<count).map { decoded[$0] }
        }
        let written = text { $0.appendEchoes(request, bytes.span, key: key.span) }
        #expect(written == echo)
    }
}
