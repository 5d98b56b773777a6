import Testing

@testable import cached_bench

@Suite struct ReplyParserTests {
    /// What a stream of replies means, with values put together again.
    private func read(_ pieces: [[UInt8]], reportsBody: Bool) -> [String] {
        var parser = ReplyParser(reportsBody: reportsBody, reportsBodyEnd: reportsBody)
        var meanings: [String] = []
        var kept: [UInt8] = []
        var body: [UInt8] = []
        for piece in pieces {
            let bytes = kept + piece
            var position = 0
            reading: while true {
                let event = parser.next(bytes.span, &position)
                switch event {
                case .incomplete: break reading
                case .value(let start, let end, let flags, let count):
                    let key = String(decoding: bytes[start..<end], as: UTF8.self)
                    meanings.append("value \(key) \(flags) \(count)")
                    body = []
                case .body(let start, let end, let offset):
                    #expect(offset == body.count)
                    body += bytes[start..<end]
                case .bodyEnd: meanings.append("body " + String(decoding: body, as: UTF8.self))
                case .error(let start, let end):
                    meanings.append(String(decoding: bytes[start..<end], as: UTF8.self))
                case .malformed:
                    meanings.append("malformed")
                    return meanings
                default: meanings.append("\(event)")
                }
            }
            kept = Array(bytes[position...])
        }
        #expect(kept.isEmpty && !parser.isInBody)
        return meanings
    }

    private static let text = """
        VALUE key:1 17 5\r\nab\r\nc\r\nVALUE k 0 0 99\r\n\r\nEND\r\nEND\r\nSTORED\r\nNOT_STORED\r\n\
        EXISTS\r\nNOT_FOUND\r\nERROR\r\nCLIENT_ERROR bad data\r\nSERVER_ERROR out of memory\r\n
        """

    private static let textMeanings = [
        "value key:1 17 5", "body ab\r\nc", "value k 0 0", "body ", "end", "end", "stored",
        "notStored", "notStored", "notStored", "ERROR", "CLIENT_ERROR bad data",
        "SERVER_ERROR out of memory",
    ]

    private static let meta = """
        VA 5 f17 kkey:1\r\nab\r\nc\r\nVA 0\r\n\r\nEN\r\nHD\r\nNS\r\nMN\r\nHD O12\r\nNF\r\nEX\r\n
        """

    private static let metaMeanings = [
        "value key:1 17 5", "body ab\r\nc", "value  0 0", "body ", "miss", "stored",
        "notStored", "noOperation", "stored", "notStored", "notStored",
    ]

    private func stream(_ isMeta: Bool) -> [UInt8] {
        Array((isMeta ? Self.meta : Self.text).utf8)
    }

    @Test(arguments: [false, true])
    func splitAtEveryByte(isMeta: Bool) {
        let bytes = stream(isMeta)
        let meanings = isMeta ? Self.metaMeanings : Self.textMeanings
        #expect(read([bytes], reportsBody: true) == meanings)
        for cut in bytes.indices {
            #expect(
                read([Array(bytes[..<cut]), Array(bytes[cut...])], reportsBody: true) == meanings,
                "cut at \(cut)")
        }
        #expect(read(bytes.map { [$0] }, reportsBody: true) == meanings)
        // Values that nobody looks at are passed over.
        let short = meanings.filter { !$0.hasPrefix("body") }
        #expect(read(bytes.map { [$0] }, reportsBody: false) == short)
    }

    @Test(arguments: [
        "VALUE key 0 3\r\nabcd\r\n", "VALUE key 0 5\r\nabc\r\nE", "VALUE key x 3\r\n",
        "VALUE key 0\r\n", "VALUE key 0 12345678901\r\n", "VALUES key 0 3\r\n", "VA x\r\n",
        "VA 3 fx\r\n", "HELLO\r\n", "\r\n", "\n", "STORE\r\n", "STOREDX\r\n", "END\n", "E\r\n",
        "ERRORS\r\n",
    ])
    func whatIsNoReplyIsRefused(text: String) {
        #expect(read([Array(text.utf8)], reportsBody: false).last == "malformed")
        #expect(read(text.utf8.map { [$0] }, reportsBody: false).last == "malformed")
    }

    /// Random bytes never trap, and never go backwards.
    @Test func noiseIsHarmless() {
        var random = RandomNumbers(seed: 4)
        let alphabet = Array("VALUE ENDSTOR\r\n0123456789kMHAF_X".utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<40).map { _ in
                alphabet[Int(random.next(below: UInt64(alphabet.count)))]
            }
            var parser = ReplyParser(reportsBody: true, reportsBodyEnd: true)
            var position = 0
            for _ in 0..<200 {
                let before = position
                let event = parser.next(bytes.span, &position)
                #expect(position >= before && position <= bytes.count)
                if event == .incomplete || event == .malformed { break }
            }
        }
    }
}
