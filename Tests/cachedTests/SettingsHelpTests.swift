import Testing

@testable import cached

@Suite struct SettingsHelpTests {
    static func page(_ option: String) throws -> String {
        guard case .printAndExit(let text) = try SettingsRun.parse([option]) else {
            throw SettingsRun.MissingPage()
        }
        return text
    }

    @Test func firstLineIsWhatStartersOfMemcachedParse() throws {
        let line = try #require(try Self.page("-h").split(separator: "\n").first)
        #expect(line == "memcached 1.6.45 compatible: cached 0.1.0")
        #expect(
            try #require(try /^memcached (\d+)\.(\d+)\.(\d+)/.firstMatch(in: String(line))).3
                == "45")
    }

    @Test func versionIsOneLine() throws {
        #expect(try Self.page("-V") == "cached 0.1.0 (memcached 1.6.45 compatible)\n")
        #expect(try Self.page("--version") == Self.page("-V"))
    }

    @Test(arguments: ["--help", "--license"])
    func pagesFitATerminal(_ option: String) throws {
        for line in try Self.page(option).split(separator: "\n") {
            #expect(line.utf8.count <= 80, "\(line)")
            #expect(line.utf8.allSatisfy { $0 < 0x80 && $0 >= 0x20 }, "\(line)")
            #expect(line.last != " ", "\(line)")
        }
    }

    @Test func everyOptionIsOnThePage() throws {
        let page = try Self.page("-h")
        for definition in OptionTable.all where definition.identity != "hash-seed" {
            if !definition.isHidden {
                #expect(page.contains("--\(definition.names.first ?? "?")"))
                #expect(!definition.help.isEmpty)
                #expect(
                    (definition.placeholder != nil) == (definition.effect.valueUse == .required))
            }
            guard case .applied = definition.effect.outcome else { continue }
            for alias in definition.names where !definition.isHidden {
                #expect(page.contains("--\(alias)"))
            }
        }
    }

    @Test func namesAreUnique() {
        var seen: Set<String> = []
        for definition in OptionTable.all {
            let names =
                definition.names.map { "--\($0)" } + [definition.shortText].compactMap { $0 }
                + [definition.subOption, definition.negatedSubOption].compactMap { $0 }
            for name in names { #expect(seen.insert(name).inserted, "\(name)") }
            #expect(!definition.identity.isEmpty)
        }
    }

    /// Whatever sets a field has a name that a file can use, and can be written back.
    @Test func whatIsAppliedCanBeWritten() {
        for definition in OptionTable.all where !definition.names.isEmpty {
            guard case .applied = definition.effect.outcome else { continue }
            #expect(definition.effect.render != nil, "\(definition.label)")
        }
    }
}
