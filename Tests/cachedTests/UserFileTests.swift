import Testing

@testable import cached

/// The user file: what is taken, what is refused and how that is told.
@Suite struct UserFileTests {
    static let path = "/etc/users"

    static func table(
        _ text: String, _ format: UserFile.Format = .users
    ) throws(UserFileError) -> UserTable {
        let file = UserFile(path: path, format: format)
        return try UserTable(try file.entries(Array(text.utf8)), path: path)
    }

    static func accepts(_ table: UserTable, _ user: String, _ password: String) -> Bool {
        table.accepts(Array(user.utf8).span, Array(password.utf8).span)
    }

    @Test(arguments: [
        "foo:bar\nbaz:quux", "foo:bar\r\nbaz:quux\r\n", "\n\nfoo:bar\n\nbaz:quux\n\n",
    ])
    func linesEndInAnyWay(_ text: String) throws {
        let table = try Self.table(text)
        #expect(table.userCount == 2)
        #expect(Self.accepts(table, "foo", "bar") && Self.accepts(table, "baz", "quux"))
        for wrong in ["ba", "barr", "", "Bar", "quux", "bar\r", "bar\0", " bar"] {
            #expect(!Self.accepts(table, "foo", wrong), "\(wrong)")
        }
        for nobody in ["fo", "fooo", "", "FOO", "foo\0", "foo:bar"] {
            #expect(!Self.accepts(table, nobody, "bar"), "\(nobody)")
        }
    }

    @Test func aPasswordMayHoldColonsSpacesAndAnyBytes() throws {
        let table = try Self.table("a:b:c\nsp ace: x y \n#u:#p\njürgen:pässe")
        #expect(Self.accepts(table, "a", "b:c") && !Self.accepts(table, "a", "b"))
        #expect(Self.accepts(table, "sp ace", " x y ") && Self.accepts(table, "#u", "#p"))
        #expect(Self.accepts(table, "jürgen", "pässe"))
    }

    @Test func inAPasswordDatabaseAPasswordEndsAtAColon() throws {
        let table = try Self.table("user:pass:::::::\nother:word\n", .passwordDatabase)
        #expect(Self.accepts(table, "user", "pass") && Self.accepts(table, "other", "word"))
        #expect(!Self.accepts(table, "user", "pass:::::::"))
    }

    @Test func aUserMayHaveSeveralPasswords() throws {
        let table = try Self.table("a:1\nb:2\na:3\na:4\na:5")
        #expect(table.userCount == 2)
        for password in ["1", "3", "4", "5"] { #expect(Self.accepts(table, "a", password)) }
        #expect(!Self.accepts(table, "a", "2") && !Self.accepts(table, "b", "1"))
        #expect(Self.accepts(table, "b", "2"))
    }

    @Test func namesAndPasswordsHaveTheirLimits() throws {
        let (user, password) = (
            String(repeating: "u", count: 255), String(repeating: "p", count: 511)
        )
        let table = try Self.table("\(user):\(password)")
        #expect(Self.accepts(table, user, password))
        #expect(!Self.accepts(table, user + "u", password))
        #expect(!Self.accepts(table, user, password + "p"))
        #expect(!Self.accepts(table, "", "") && !Self.accepts(table, user, ""))
    }

    static let malformed: [(text: String, message: String)] = [
        ("", "/etc/users: has no user"), ("\n\r\n", "/etc/users: has no user"),
        ("a:hunter2\nhunter2\n", "/etc/users:2: has no colon; takes user:password"),
        (":hunter2", "/etc/users:1: has a user of 0 bytes; takes 1 to 255"),
        ("a:hunter2\n\nb:", "/etc/users:3: has a password of 0 bytes; takes 1 to 511"),
        ("a:hun\0ter2", "/etc/users:1: has a NUL or a carriage return in it"),
        ("a:hun\rter2", "/etc/users:1: has a NUL or a carriage return in it"),
        (
            String(repeating: "u", count: 256) + ":hunter2",
            "/etc/users:1: has a user of 256 bytes; takes 1 to 255"
        ),
        (
            "a:" + String(repeating: "hunter2", count: 74),
            "/etc/users:1: has a password of 518 bytes; takes 1 to 511"
        ),
        (
            "a:hunter2\na:2\na:3\na:4\na:5",
            "/etc/users:5: is one password too many for this user; takes 4"
        ),
    ]

    @Test(arguments: malformed) func isRefusedWithItsPlace(text: String, message: String) {
        for format in [UserFile.Format.users, .passwordDatabase] {
            let error = #expect(throws: UserFileError.self) { try Self.table(text, format) }
            #expect(error?.message == message)
        }
    }

    @Test func usersAreBounded() throws {
        let lines = (1...1024).map { "user\($0):password\($0)\n" }.joined()
        let table = try Self.table(lines)
        #expect(table.userCount == 1024)
        #expect(Self.accepts(table, "user1024", "password1024"))
        #expect(!Self.accepts(table, "user1024", "password1"))
        let error = #expect(throws: UserFileError.self) { try Self.table(lines + "one:more") }
        #expect(error?.message == "/etc/users:1025: has one user too many; takes 1024")
    }

    @Test func aRelativePathIsMadeAbsolute() {
        let file = UserFile(path: "users", format: .users)
        #expect(file.path.hasPrefix("/") && file.path.hasSuffix("/users"))
    }

    /// Any bytes are either users or an error; nobody gets in who is not in them.
    @Test(arguments: 0..<8) func randomFiles(_ seed: UInt64) {
        var random = SettingsRandom(seed: seed)
        let alphabet = Array("ab:\n\r\0$6y.# ".utf8)
        for _ in 0..<2000 {
            let count = Int.random(in: 0...40, using: &random)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            let file = UserFile(path: Self.path, format: .users)
            guard let entries = try? file.entries(bytes),
                let table = try? UserTable(entries, path: Self.path)
            else { continue }
            #expect(table.userCount >= 1)
            #expect(!Self.accepts(table, "nobody", "a"))
            for entry in entries where !PasswordHash.isHash(entry.secret) {
                let isAccepted = table.accepts(entry.user.span, entry.secret.span)
                #expect(isAccepted)
            }
        }
    }
}
