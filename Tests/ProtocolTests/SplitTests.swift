import Testing

@testable import Protocol

/// A request that comes in pieces means the same as one that comes whole.
@Suite struct SplitTests {
    static let lines =
        (CommandTableTests.retrievals + CommandTableTests.stores
        + CommandTableTests.others + CommandTableTests.metas
        + CommandTableTests.unknown).map(\.0)

    @Test func everyPrefixOfALineIsIncomplete() {
        for line in Self.lines {
            for ending in ["\r\n", "\n"] {
                let bytes = Array((line + ending).utf8)
                for length in 0..<bytes.count {
                    let part = bytes.span.extracting(0..<length)
                    guard case .incomplete = TextParser.parse(part, from: 0) else {
                        Issue.record("\(length) bytes of \(line) are taken for whole")
                        return
                    }
                }
            }
        }
    }

    @Test func whatStandsAroundALineChangesNothing() {
        for line in Self.lines {
            let whole = RequestText.of(line)
            let before = Array("set k 0 0 1\r\nx\r\n".utf8)
            let own = Array((line + "\r\n").utf8)
            let bytes = before + own + Array("get z\r\nincr".utf8)
            let text = RequestText.describe(
                TextParser.parse(bytes.span, from: before.count), bytes)
            #expect(text == whole + " up to \(before.count + own.count)")
        }
    }

    @Test func aSequenceOfLinesIsParsedOneAfterTheOther() {
        let bytes = Array(Self.lines.map { $0 + "\r\n" }.joined().utf8)
        var position = 0
        for line in Self.lines {
            let result = TextParser.parse(bytes.span, from: position)
            guard case .request(let request, let next) = result else {
                Issue.record("\(line) is not complete")
                return
            }
            #expect(RequestText.text(request, bytes) == RequestText.of(line))
            position = next
        }
        #expect(position == bytes.count)
        guard case .incomplete = TextParser.parse(bytes.span, from: position) else {
            Issue.record("nothing is not incomplete")
            return
        }
    }

    // -- endless lines --

    private func parse(_ text: String) -> ParseResult {
        let bytes = Array(text.utf8)
        return TextParser.parse(bytes.span, from: 0)
    }

    @Test func aLineWithoutAnEndIsGivenUpUnlessItRetrieves() {
        let long = String(repeating: "x", count: ProtocolLimits.maximumLineBytes)
        guard case .incomplete = parse(long) else {
            Issue.record("given up too early")
            return
        }
        for start in ["x", "set ", "gat 1 ", "get", String(repeating: " ", count: 101)] {
            guard case .lineTooLong = parse(start + long) else {
                Issue.record("\(start)… is waited for")
                continue
            }
        }
        for start in ["get ", "gets ", "  get "] {
            guard case .incomplete = parse(start + long) else {
                Issue.record("\(start)… is given up")
                continue
            }
        }
    }

    @Test func aRetrievalWithoutAnEndIsExecutedAsItComes() {
        let long = String(repeating: "key ", count: ProtocolLimits.wholeRetrievalLineBytes / 4)
        guard case .endlessRetrieval(let keys, let withCAS) = parse("gets " + long) else {
            Issue.record("it is waited for")
            return
        }
        #expect(keys == 5 && withCAS)
        guard case .lineTooLong = parse(" get " + long) else {
            Issue.record("a leading space is taken")
            return
        }
    }

    /// However the rest of a long line is cut, its keys are the same.
    @Test func theRestOfALineGivesEachKeyOnce() {
        var random = SplitMix(seed: 3)
        for _ in 0..<300 {
            let keys = (0..<random.below(40)).map { number in
                String(repeating: "k", count: random.below(20) + 1) + "\(number)"
            }
            let ending = random.below(2) == 0 ? "\r\n" : "\n"
            let line = Array((keys.joined(separator: " ") + ending).utf8)
            #expect(readInPieces(line, &random) == keys)
        }
    }

    private func readInPieces(_ line: [UInt8], _ random: inout SplitMix) -> [String] {
        var found: [String] = []
        var position = 0
        var arrived = 0
        while arrived < line.count {
            arrived = min(line.count, arrived + random.below(30) + 1)
            let bytes = Array(line[position..<arrived])
            guard
                case .keys(let range, let next, let endsLine) = RetrievalRest.parse(
                    bytes.span, from: 0)
            else { continue }
            var list = KeyList(range)
            while let key = list.next(in: bytes.span) {
                found.append(String(decoding: bytes[key.start..<key.end], as: UTF8.self))
            }
            position += next
            if endsLine { return position == line.count ? found : ["ended early"] }
        }
        return ["never ended"]
    }

    @Test func aKeyThatIsTooLongSpoilsTheRestOfALine() {
        for ending in ["", " ", "\r\n"] {
            let bytes = Array((String(repeating: "k", count: 252) + ending).utf8)
            guard case .malformed = RetrievalRest.parse(bytes.span, from: 0) else {
                Issue.record("taken with ending \(ending.debugDescription)")
                continue
            }
        }
    }
}
