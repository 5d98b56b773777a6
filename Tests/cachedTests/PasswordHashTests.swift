import Testing

@testable import cached

/// Passwords as crypt(3) keeps them. Each hash is that of `secret`.
@Suite struct PasswordHashTests {
    static let sha512 =
        "$6$rounds=1000$saltsalt$LAV5VE5Y7w1d73x1mFNspYWUpazfmwv2SoepNXNKJ/otop/"
        + "Zok96Hr8Q13LEv0DRY/x8v0/crpIjl8NJSAqXV/"
    static let sha256 = "$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA"
    static let bcrypt = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"
    static let yescrypt = "$y$j75$abcdefghijklmnop$vZlXu1XtxOBWRxjOpQqONp1WYfMO0dN.H4xeSMU2ZvC"
    static let md5 = "$1$saltsalt$9xy1btjgzLYfb7hivXtC//"

    static func hash(_ text: String) -> PasswordHash { PasswordHash(text: Array(text.utf8)) }

    @Test(arguments: [sha512, sha256, bcrypt, yescrypt, md5])
    func eachMethodIsKnown(_ text: String) throws {
        let hash = Self.hash(text)
        #expect(hash.matches(Array("secret".utf8)))
        for wrong in ["", "Secret", "secre", "secrett", "secret\0", text] {
            #expect(!hash.matches(Array(wrong.utf8)), "\(wrong)")
        }
        let table = try UserFileTests.table("user:\(text)\nother:plain")
        #expect(table.hasHashes)
        #expect(UserFileTests.accepts(table, "user", "secret"))
        #expect(UserFileTests.accepts(table, "other", "plain"))
        // Neither the hash itself, nor another's password, nor the decoy of who has none.
        #expect(!UserFileTests.accepts(table, "user", text))
        #expect(!UserFileTests.accepts(table, "user", "plain"))
        #expect(!UserFileTests.accepts(table, "other", "secret"))
        #expect(!UserFileTests.accepts(table, "nobody", "secret"))
        #expect(!UserFileTests.accepts(table, "nobody", ""))
    }

    @Test func kindIsMethodAndCost() {
        func kind(_ text: String) -> String {
            String(decoding: Self.hash(text).kind, as: UTF8.self)
        }
        #expect(kind(Self.sha512) == "6$rounds=1000")
        #expect(kind(Self.sha256) == "5")
        #expect(kind(Self.bcrypt) == "2b$04")
        #expect(kind(Self.yescrypt) == "y$j75")
        #expect(kind(Self.md5) == "1")
        for odd in ["$", "$$", "$6", "$6$", "$$$$", "$2", "$2$"] { _ = kind(odd) }
    }

    @Test func aUserMayHaveHashesOfSeveralKinds() throws {
        let other = "$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sB"
        let table = try UserFileTests.table(
            "a:\(Self.bcrypt)\na:\(Self.md5)\nb:\(other)\nb:\(Self.sha256)\nc:\(other)")
        #expect(UserFileTests.accepts(table, "a", "secret"))
        #expect(UserFileTests.accepts(table, "b", "secret"))
        #expect(!UserFileTests.accepts(table, "c", "secret"))
    }

    static let malformed: [(text: String, message: String)] = [
        ("a:b\nc:$ecret", "/etc/users:2: has a password that begins with $ and is no hash"),
        ("c:$", "/etc/users:1: has a password that begins with $ and is no hash"),
        ("c:$99$salt$hash", "/etc/users:1: has a password that begins with $ and is no hash"),
        ("c:$6$saltsalt", "/etc/users:1: has an incomplete hash"),
        ("c:\(sha512.dropLast())", "/etc/users:1: has an incomplete hash"),
        ("a:\(sha256)\nc:\(sha256)x", "/etc/users:2: has an incomplete hash"),
        (
            "a:\(sha512)\nb:\(sha256)\nc:\(bcrypt)\nd:\(yescrypt)\ne:\(md5)",
            "/etc/users:5: has one more kind of hash; takes 4"
        ),
    ]

    @Test(arguments: malformed) func isRefusedWithItsPlace(text: String, message: String) throws {
        let error = #expect(throws: UserFileError.self) { try UserFileTests.table(text) }
        #expect(try #require(error).message.hasPrefix(message), "\(error?.message ?? "")")
    }
}
