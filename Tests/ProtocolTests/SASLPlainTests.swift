import Testing

@testable import Protocol

@Suite struct SASLPlainTests {
    /// User and password of a message in which `0` stands for NUL; nil if it is refused.
    private func parse(_ message: String) -> [String]? {
        let bytes = message.utf8.map { $0 == UInt8(ascii: "0") ? 0 : $0 }
        guard let found = SASLPlain.parse(bytes.span) else { return nil }
        return [found.user, found.password].map {
            String(decoding: bytes[$0.start..<$0.end], as: UTF8.self)
        }
    }

    static let table: [(message: String, parts: [String]?)] = [
        ("0user0secret", ["user", "secret"]), ("user0user0secret", ["user", "secret"]),
        ("0u0p", ["u", "p"]), ("0user0se cret:", ["user", "se cret:"]),
        ("0jürgen0pässe", ["jürgen", "pässe"]),
        // Somebody else's name, or a part of one's own.
        ("other0user0secret", nil), ("use0user0secret", nil), ("user0use0secret", nil),
        ("User0user0secret", nil),
        ("", nil), ("0", nil), ("00", nil), ("000", nil), ("user", nil), ("0user", nil),
        ("0user0", nil), ("00secret", nil), ("user0secret", nil), ("0user0secret0", nil),
        ("0user0sec0ret", nil), ("00user0secret", nil),
    ]

    @Test(arguments: table) func messages(message: String, parts: [String]?) {
        #expect(parse(message) == parts)
    }

    @Test func lengthsAreBounded() {
        func text(_ user: Int, _ password: Int) -> String {
            "0" + String(repeating: "u", count: user) + "0"
                + String(repeating: "p", count: password)
        }
        #expect(parse(text(255, 511)) != nil)
        #expect(parse(text(256, 511)) == nil)
        #expect(parse(text(255, 512)) == nil)
        #expect(parse(text(1, 1_000_000)) == nil)
        #expect(parse(String(repeating: "a", count: 255) + "0" + text(255, 511).dropFirst()) == nil)
        #expect(parse(String(repeating: "u", count: 255) + text(255, 511)) != nil)
        #expect(parse(String(repeating: "0", count: 1_000_000)) == nil)
    }

    @Test func onlyPlainIsOffered() {
        func isNamed(_ name: String) -> Bool { SASLPlain.isNamed(Array(name.utf8).span) }
        #expect(isNamed("PLAIN") && isNamed("plain") && isNamed("Plain"))
        for name in ["", "PLAI", "PLAINX", " PLAIN", "CRAM-MD5", "\u{10}LAIN", "LOGIN", "PLAI."] {
            #expect(!isNamed(name), "\(name)")
        }
    }
}
