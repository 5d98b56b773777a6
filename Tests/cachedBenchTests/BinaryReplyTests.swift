import Testing

@testable import cached_bench

@Suite struct BinaryReplyTests {
    /// What a stream of replies means, with values put together again.
    private func read(_ pieces: [[UInt8]], reportsBody: Bool = true) -> [String] {
        var parser = ReplyParser(
            reportsBody: reportsBody, reportsBodyEnd: reportsBody, isBinary: true)
        var meanings: [String] = []
        var kept: [UInt8] = []
        var body: [UInt8] = []
        for piece in pieces {
            let bytes = kept + piece
            var position = 0
            reading: while true {
                let event = parser.next(bytes.span, &position)
                let opaque = parser.reply.opaque
                switch event {
                case .incomplete: break reading
                case .value(let start, let end, let flags, let count):
                    let key = String(decoding: bytes[start..<end], as: UTF8.self)
                    meanings.append("value \(opaque) \(key) \(flags) \(count)")
                    body = []
                case .body(let start, let end, let offset):
                    #expect(offset == body.count)
                    body += bytes[start..<end]
                case .bodyEnd: meanings.append("body " + String(decoding: body, as: UTF8.self))
                case .error(let start, let end):
                    let text = String(decoding: bytes[start..<end], as: UTF8.self)
                    meanings.append("error \(opaque) \(parser.reply.status) \(text)")
                case .malformed:
                    meanings.append("malformed")
                    return meanings
                default: meanings.append("\(event) \(opaque)")
                }
            }
            kept = Array(bytes[position...])
        }
        #expect(kept.isEmpty && !parser.isInBody)
        return meanings
    }

    private static func reply(
        _ opcode: UInt8, status: UInt8 = 0, opaque: UInt8 = 0, extras: [UInt8] = [],
        key: String = "", value: String = ""
    ) -> [UInt8] {
        let keyBytes = UInt8(key.utf8.count)
        let rest = extras + Array(key.utf8) + Array(value.utf8)
        return [0x81, opcode, 0, keyBytes, UInt8(extras.count), 0, 0, status]
            + [0, 0, 0, UInt8(rest.count), 0, 0, 0, opaque]
            // The CAS.
            + [1, 2, 3, 4, 5, 6, 7, 8] + rest
    }

    private static let stream =
        reply(0x00, opaque: 1, extras: [0, 0, 1, 2], value: "abc\r\n")
        + reply(0x0c, opaque: 2, extras: [0xff, 0xff, 0xff, 0xff], key: "key:1", value: "x")
        + reply(0x09, opaque: 3, extras: [0, 0, 0, 0])
        + reply(0x0d, opaque: 4, extras: [0, 0, 0, 9], key: "k", value: "\u{1}\u{0}")
        + reply(0x0a, opaque: 4) + reply(0x01, opaque: 5)
        + reply(0x00, status: 1, opaque: 6, value: "Not found")
        + reply(0x0c, status: 1, opaque: 7, key: "key:7")
        + reply(0x01, status: 2, value: "Data exists for key.") + reply(0x01, status: 5)
        + reply(0x01, status: 1) + reply(0x01, status: 3, opaque: 8, value: "Too large.")
        + reply(0x00, status: 0x20, opaque: 9)

    private static let meanings = [
        "value 1  258 5", "body abc\r\n", "value 2 key:1 4294967295 1", "body x", "value 3  0 0",
        "body ", "value 4 k 9 2", "body \u{1}\u{0}", "noOperation 4", "stored 5", "miss 6",
        "miss 7", "notStored 0", "notStored 0", "notStored 0", "error 8 3 Too large.",
        "error 9 32 ",
    ]

    @Test func splitAtEveryByte() {
        let bytes = Self.stream
        #expect(read([bytes]) == Self.meanings)
        for cut in bytes.indices {
            #expect(
                read([Array(bytes[..<cut]), Array(bytes[cut...])]) == Self.meanings,
                "cut at \(cut)")
        }
        #expect(read(bytes.map { [$0] }) == Self.meanings)
        // Values that nobody looks at are passed over.
        let short = Self.meanings.filter { !$0.hasPrefix("body") }
        #expect(read(bytes.map { [$0] }, reportsBody: false) == short)
    }

    /// A place in a right reply to a get with its key, and what stands there instead.
    @Test(arguments: [
        (0, 0x80, "the magic of a request"), (0, 0x56, "text"), (1, 0x02, "add"),
        (1, 0x00, "a key that was not asked for"), (1, 0x01, "a set with a value"),
        (1, 0x0a, "a no-op with a value"), (2, 1, "a key longer than the reply"),
        (3, 0, "no key"), (4, 8, "extras of another length"), (4, 0, "no extras"),
        (5, 1, "another type of data"), (8, 1, "a long reply with a long text"),
        (11, 8, "a reply shorter than its key and its extras"),
    ])
    func whatIsNoReplyIsRefused(place: Int, byte: UInt8, what: String) {
        var bytes = Self.reply(0x0c, extras: [0, 0, 0, 0], key: "key:1", value: "value")
        bytes[place] = byte
        // A value may be as long as it likes.
        if place == 8 { bytes[7] = 0x81 }
        #expect(read([bytes]).last == "malformed", "\(what)")
        #expect(read(bytes.map { [$0] }).last == "malformed", "\(what)")
    }

    @Test func aKeyOfAnyLengthIsReadAndALongerOneRefused() {
        for count in [1, 250, 251, 255] {
            let key = [UInt8](repeating: 0x6b, count: count)
            let bytes =
                [0x81, 0x0c, 0, UInt8(count), 4, 0, 0, 0, 0, 0, UInt8((count + 4) >> 8)]
                + [UInt8((count + 4) & 0xff)] + [UInt8](repeating: 0, count: 16) + key
            let expected = count <= 250 ? "value 0 \(String(repeating: "k", count: count)) 0 0" : ""
            #expect(read([bytes]).first == (count <= 250 ? expected : "malformed"))
        }
    }

    /// Random bytes never trap, and never go backwards.
    @Test func noiseIsHarmless() {
        var random = RandomNumbers(seed: 4)
        let opcodes: [UInt8] = [0x00, 0x01, 0x09, 0x0a, 0x0c, 0x0d]
        for _ in 0..<20_000 {
            var bytes = (0..<80).map { _ in UInt8(random.next(below: 7)) }
            for start in stride(from: 0, to: 80, by: 24) where start + 24 <= 80 {
                bytes[start] = 0x81
                bytes[start + 1] = opcodes[Int(random.next(below: 6))]
                for zero in [2, 5, 6, 8, 9, 10] where random.next(below: 20) > 0 {
                    bytes[start + zero] = 0
                }
            }
            var parser = ReplyParser(reportsBody: true, reportsBodyEnd: true, isBinary: true)
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
