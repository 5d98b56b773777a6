import Testing

@testable import cached

@Suite struct SettingsPrecedenceTests {
    @Test func commandLineThenFileThenDefault() throws {
        let file = "conn-limit = 10\nthreads = 2\n"
        let settings = try SettingsRun.resolve(["-c", "20"], file: file).settings
        #expect(settings.maxConnections == 20)
        #expect(settings.workerThreads == 2)
        #expect(settings.backlog == 1024)
    }

    @Test func theFileGivesWayWhereverItIsNamed() throws {
        let parsed = try Settings.parse(
            arguments: ["-c", "20", "--config=x"], environment: { _ in nil }, coreCount: 1,
            readFile: { (path: String) throws(UsageError) -> [UInt8] in
                Array((path == "x" ? "conn-limit = 10" : "conn-limit = 11").utf8)
            })
        guard case .run(let settings, _) = parsed else {
            Issue.record("no settings")
            return
        }
        #expect(settings.maxConnections == 20)
    }

    @Test func theLastOnCommandLineWins() throws {
        #expect(try SettingsRun.resolve(["-c", "1", "-c", "2"]).settings.maxConnections == 2)
    }

    @Test func listenOnCommandLineReplacesThatOfTheFile() throws {
        let file = "listen = a\nlisten = b,c\n"
        #expect(try SettingsRun.resolve([], file: file).settings.listeners.count == 3)
        let settings = try SettingsRun.resolve(["-l", "d", "-l", "e"], file: file).settings
        #expect(settings.listeners.map(\.host) == ["d", "e"])
    }

    @Test func portOnCommandLineMovesListenersOfTheFile() throws {
        let settings = try SettingsRun.resolve(["-p", "5"], file: "listen = a,b:6").settings
        #expect(settings.listeners.map(\.description) == ["a:5", "b:6"])
    }

    @Test func verbosityOnCommandLineDoesNotAddToTheFile() throws {
        #expect(try SettingsRun.resolve(["-v"], file: "verbose = 2").settings.verbosity == 1)
    }

    @Test func switchesOfTheFileCanBeTurnedOff() throws {
        let file = "disable-cas = yes\ndummy = yes\nmax-entries = 5\n"
        let arguments = ["--disable-cas=no", "--dummy=off", "--max-entries=0"]
        #expect(try SettingsRun.resolve(arguments, file: file).settings == SettingsRun.defaults)
    }

    @Test func portFileOfTheEnvironmentComesLast() throws {
        let environment = ["MEMCACHED_PORT_FILENAME": "/tmp/a"]
        let plain = try SettingsRun.resolve([], environment: environment)
        #expect(plain.settings.portFilePath == "/tmp/a")
        let overruled = try SettingsRun.resolve(
            [], file: "port-file = /tmp/b", environment: environment)
        #expect(overruled.settings.portFilePath == "/tmp/b")
        let empty = try SettingsRun.resolve([], environment: ["MEMCACHED_PORT_FILENAME": ""])
        #expect(empty.settings.portFilePath == nil)
    }

    @Test func itemSizeIsCheckedAgainstTheLimitInForce() throws {
        let file = "max-item-size = 256m\nmemory-limit = 512m\n"
        #expect(try SettingsRun.resolve([], file: file).settings.maxItemSizeBytes == 256 << 20)
        #expect(SettingsRun.refusal(["-m", "64"], file: file) != nil)
    }

    @Test func pagesComeBeforeWrongValues() throws {
        for letter in ["-h", "-V", "-i", "--help", "--version", "--license"] {
            guard case .printAndExit(let text) = try SettingsRun.parse(["-c", "0", letter]) else {
                Issue.record("\(letter) printed nothing")
                continue
            }
            #expect(text.hasSuffix("\n"))
        }
    }
}
