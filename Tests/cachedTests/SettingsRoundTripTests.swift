import Testing

@testable import cached

/// `--check-config` prints a file that gives the same settings again.
@Suite struct SettingsRoundTripTests {
    @Test(
        arguments: SettingsOptionTests.network + SettingsOptionTests.memoryAndCulling
            + SettingsOptionTests.rest)
    func eachOptionSurvives(_ option: SettingsOptionTests.Case) throws {
        for form in option.forms {
            let expected = try SettingsRun.resolve(form).settings
            let text = try SettingsRun.check(form)
            #expect(try SettingsRun.resolve([], file: text).settings == expected, "\(form)")
            #expect(try SettingsRun.check([], file: text) == text)
        }
    }

    @Test func severalAtOnce() throws {
        let arguments = [
            "-l", "*:5,[::1],localhost:7", "-p", "0", "-P", "/a b/\"c\"\\#.pid", "-m", "1500k",
            "-I", "1025", "-o", "no_lru_crawler,no_lru_maintainer", "-D", "#", "-f", "1.5",
            "-u", "jürgen", "--port-file= x ",
        ]
        let run = try SettingsRun.resolve(arguments)
        let text = try SettingsRun.check(arguments)
        #expect(try SettingsRun.resolve([], file: text).settings == run.settings)
        #expect(run.settings.prefixDelimiter == UInt8(ascii: "#"))
        #expect(!run.settings.lruCrawlerEnabled && !run.settings.lruMaintainerEnabled)
        for warning in run.warnings { #expect(text.contains("# warning: \(warning)\n")) }
    }

    @Test func noModernSurvives() throws {
        let expected = try SettingsRun.resolve(["-o", "no_modern"]).settings
        #expect(expected != SettingsRun.defaults)
        let text = try SettingsRun.check(["-o", "no_modern"])
        #expect(try SettingsRun.resolve([], file: text).settings == expected)
    }

    @Test func defaultsAreWrittenOutWithoutWarnings() throws {
        let text = try SettingsRun.check([])
        #expect(text.contains("\nport = 11211\n"))
        #expect(text.contains("\nlisten = 127.0.0.1\n"))
        #expect(text.contains("\n# unix-socket =\n"))
        let run = try SettingsRun.resolve([], file: text)
        #expect(run.settings == SettingsRun.defaults)
        #expect(run.warnings == [])
    }

    /// Two table rows that set one field, or a row that forgets to write it, end here.
    @Test func everySettingIsWritten() throws {
        let names = Set(
            try SettingsRun.check([]).split(separator: "\n").compactMap { line in
                line.split(separator: " ").first { $0 != "#" }.map(String.init)
            })
        let table = OptionTable.all.filter { $0.effect.render != nil && !$0.isHidden }
        for definition in table {
            #expect(names.contains(definition.names.first ?? ""), "\(definition.label)")
        }
    }
}
