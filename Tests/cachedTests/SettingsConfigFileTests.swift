import Testing

@testable import cached

@Suite struct SettingsConfigFileTests {
    @Test func commentsBlankLinesQuotesAndLineEnds() throws {
        let file = """
            \u{feff}# A comment
            conn-limit = 10   # ten

              threads=2\r
            \tpidfile = "/run/a \\"b\\" \\\\ # c"  # in quotes
            unix-socket = '/run/a\\b'
            port-file = /run/c#1
            user = "www"
            """
        let settings = try SettingsRun.resolve([], file: file).settings
        #expect(settings.maxConnections == 10)
        #expect(settings.workerThreads == 2)
        #expect(settings.pidFilePath == "/run/a \"b\" \\ # c")
        #expect(settings.unixSocketPath == "/run/a\\b")
        #expect(settings.portFilePath == "/run/c#1")
        #expect(settings.userName == "www")
    }

    @Test func extendedOptionsWork() throws {
        let run = try SettingsRun.resolve(
            [], file: "extended = idle_timeout=5,no_maxconns_fast\nextended = hashpower=20")
        #expect(run.settings.idleTimeoutSeconds == 5)
        #expect(!run.settings.maxConnectionsFast)
        #expect(run.warnings.count == 1)
        #expect(run.warnings.first?.hasPrefix("cached.conf:2: extended hashpower: ") == true)
    }

    static let refused: [(String, String)] = [
        ("\nconn-limit = 0", "cached.conf:2: conn-limit: '0' is not allowed; takes 1 to"),
        ("bogus = 1", "cached.conf:1: 'bogus' is unknown; allowed are the long option names"),
        (
            "--port = 1",
            "cached.conf:1: '--port' is unknown; allowed are the long option names without"
        ),
        ("-p 1", "cached.conf:1: '-p 1' is not of the form 'name = value', without the dashes"),
        ("disable-cas", "cached.conf:1: 'disable-cas' is not of the form 'name = value'"),
        ("= 5", "cached.conf:1: '' is unknown"),
        ("port =", "cached.conf:1: port: has no value"),
        ("port = # 5", "cached.conf:1: port: has no value"),
        ("port = \"5", "cached.conf:1: port: has no closing quote"),
        ("port = \"5\" 6", "cached.conf:1: port: has text after the closing quote"),
        ("user = \"a\\n\"", "cached.conf:1: user: a backslash in quotes"),
        ("user = \"a\\", "cached.conf:1: user: a backslash in quotes"),
        ("user = a\u{7}", "cached.conf:1: user: "),
        (
            "disable-cas = maybe",
            "cached.conf:1: disable-cas: 'maybe' is not allowed; takes yes or no"
        ),
        ("port = 1\n\nport = 2", "cached.conf:3: port: is already set on line 1"),
        ("backlog = 1\nlisten-backlog = 2", "cached.conf:2: listen-backlog: is already set"),
        ("config = x", "cached.conf:1: config: is for the command line"),
        ("check-config = yes", "is for the command line"),
        ("help = yes", "is for the command line"),
        ("enable-ssl = yes", "cached.conf:1: enable-ssl: not supported"),
        ("extended = bogus", "cached.conf:1: extended: suboption 'bogus' is unknown"),
        ("extended = idle_timeout=x", "cached.conf:1: extended idle_timeout: 'x'"),
        ("verbose = -1", "cached.conf:1: verbose: '-1'"),
        ("idle_timeout = 5", "cached.conf:1: 'idle_timeout' is unknown"),
    ]

    @Test(arguments: refused)
    func errorsNameFileAndLine(_ file: String, _ expected: String) throws {
        let message = try #require(SettingsRun.refusal([], file: file))
        #expect(message.contains(expected))
        #expect(!message.contains("\n"))
    }

    @Test func bytesThatAreNoTextAreRefused() throws {
        for (bytes, expected): ([UInt8], String) in [
            ([0x23, 0x0a, 0x00], "cached.conf:2: has a NUL byte"),
            ([0x23, 0xff, 0x0a], "cached.conf:1: is not valid UTF-8"),
            ([0x23, 0xc3], "cached.conf:1: is not valid UTF-8"),
            ([UInt8](repeating: 0x23, count: (1 << 20) + 1), "cached.conf: is larger than 1 MiB"),
        ] {
            #expect(throws: UsageError.self) { try SettingsRun.parse([], file: bytes) }
            do {
                _ = try SettingsRun.parse([], file: bytes)
            } catch {
                #expect(error.message.contains(expected))
            }
        }
        let largest = [UInt8](repeating: 0x23, count: 1 << 20)
        #expect(throws: Never.self) { try SettingsRun.parse([], file: largest) }
    }

    @Test func theReaderReadsAndIsBounded() throws {
        #expect(throws: UsageError.self) { try ProcessFacts.readConfigFile("/") }
        #expect(throws: UsageError.self) { try ProcessFacts.readConfigFile("/no/such/file") }
        // Never ends, so only the bound can stop it.
        #expect(throws: UsageError.self) { try ProcessFacts.readConfigFile("/dev/zero") }
        #expect(try ProcessFacts.readConfigFile("/dev/null") == [])
        #expect(try !ProcessFacts.readConfigFile("/proc/self/status").isEmpty)
        #expect(ProcessFacts.coreCount() >= 1)
        #expect(ProcessFacts.environment("CACHED_SURELY_NOT_SET") == nil)
    }

    @Test func anUnreadableFileIsAnError() {
        #expect(throws: UsageError.self) {
            try Settings.parse(arguments: ["--config", "/no/such/file"])
        }
    }
}
