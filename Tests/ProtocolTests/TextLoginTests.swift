import Testing

@testable import Protocol

@Suite struct TextLoginTests {
    /// What is found, as text.
    private func parse(_ text: String, from start: Int = 0) -> String {
        let bytes = Array(text.utf8)
        func part(_ range: ByteRange) -> String {
            String(decoding: bytes[range.start..<range.end], as: UTF8.self)
        }
        switch TextLogin.parse(bytes.span, from: start) {
        case .incomplete(let needed): return "needs \(needed)"
        case .hangUp: return "hang up"
        case .refused(let reply, let next): return "\(reply.description.dropLast()) \(next)"
        case .tooLong(let length, let next): return "too long \(length) \(next)"
        case .credentials(let user, let password, let next):
            return "\(part(user))/\(part(password)) \(next)"
        }
    }

    private static let refused = "CLIENT_ERROR unauthenticated"

    static let table: [(text: String, found: String)] = [
        ("", "needs 3"), ("\n", "needs 3"), ("\r\n", "needs 3"), ("set", "needs 4"),
        ("a\r\n", "hang up"), ("quit\r\n", "hang up"), ("abcde\n", "hang up"),
        ("abcdef\n", "\(refused) 7"), ("get a\r\n", "\(refused) 7"),
        ("set x 0 0\r\n", "\(refused) 11"), ("set x 0 0 -1\r\n", "\(refused) 14"),
        ("set x 0 0 +7\r\n", "\(refused) 14"), ("SET x 0 0 7\r\n", "\(refused) 13"),
        (" set x 0 0 7\r\n", "\(refused) 14"), ("set x 0 0 4294967296\r\n", "\(refused) 22"),
        ("set x 0 0 16385\r\n", "CLIENT_ERROR auth token too long 17"),
        ("set x 0 0 4294967295\r\n", "CLIENT_ERROR auth token too long 22"),
        ("set x 0 0 16384\r\n", "too long 16384 17"), ("set x 0 0 768\r\n", "too long 768 15"),
        ("set x 0 0 767\r\n", "needs 784"),
        ("set x 0 0 7\r\n", "needs 22"), ("set x 0 0 7\r\nfoo bar\r", "needs 22"),
        ("set x 0 0 7\r\nfoo bar\r\n", "foo/bar 22"),
        ("set x 0 0 7\r\nfoo bar\r\nget x\r\n", "foo/bar 22"),
        ("set x y z 7 noreply\r\nfoo bar\r\n", "foo/bar 30"),
        ("setx  x 0 0  07 \r\nfoo bar\r\n", "foo/bar 27"),
        ("set x 0 0 8\r\nfoo  bar\r\n", "foo/ bar 23"), ("set x 0 0 1\r\n \r\n", "/ 16"),
        ("set x 0 0 3\r\nfoo\r\n", "CLIENT_ERROR bad authentication token format 18"),
        ("set x 0 0 0\r\n\r\n", "CLIENT_ERROR bad authentication token format 15"),
        ("set x 0 0 7\r\nfoo barxx", "CLIENT_ERROR bad command line termination 22"),
        ("set x 0 0 7\r\nfoo bar\n\n", "CLIENT_ERROR bad command line termination 22"),
        // The byte before a line feed is taken for a carriage return.
        ("set x 0 0 7\nfoo bar\r\n", "\(refused) 12"),
        ("set x 0 0 7x\nfoo bar\r\n", "foo/bar 22"),
    ]

    @Test(arguments: table) func beginnings(text: String, found: String) {
        #expect(parse(text) == found)
    }

    @Test func aLineIsBounded() {
        let line = String(repeating: "x", count: 2048)
        #expect(parse(line) == "needs 2049")
        #expect(parse(line + "\n") == "CLIENT_ERROR unauthenticated 2049")
        #expect(parse(line + "x") == "hang up")
        #expect(parse(line + "x\n") == "hang up")
        let key = String(repeating: "k", count: 2037)
        #expect(parse("set \(key) 0 0 3\r\na b\r\n") == "a/b 2054")
        #expect(parse("set \(key)k 0 0 3\r\na b\r\n") == "hang up")
    }

    /// Wherever it is cut, a part asks for more, and for no more than the whole has.
    @Test func partsAskForMore() {
        let text = "set some-key 1 2 11\r\nuser secret\r\n"
        for end in 0..<text.utf8.count {
            let found = parse(String(decoding: text.utf8.prefix(end), as: UTF8.self))
            let needed = Int(found.dropFirst("needs ".count))
            #expect(found.hasPrefix("needs "), "\(end)")
            #expect(needed.map { $0 > end && $0 <= text.utf8.count } == true, "\(end): \(found)")
        }
        #expect(parse("get a\r\n" + text, from: 7) == "user/secret 41")
    }
}
