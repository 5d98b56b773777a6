import Testing

@testable import cached

/// Random command lines and files never trap: they give settings, a page or one line of refusal,
/// and whatever is accepted survives `--check-config`.
@Suite struct SettingsFuzzTests {
    static let runs = 20_000
    static let seed: UInt64 = 0xcac4_ed00_0000_0001

    static let values = [
        "", "0", "1", "-1", "64", "1k", "2m", "3g", "4t", "99999999999999999999999",
        "18446744073709551615", "9223372036854775808", "-9223372036854775809", "0x10", "+5", "1.5",
        "nan", "inf", "1e400", ".", "yes", "no", "auto", "ascii", "jenkins", "127.0.0.1",
        "[::1]:5", "*", "a,b;c", ",", "=", "==", "modern,idle_timeout=5", "hashpower=20,,", "#",
        "\"", "'", "\\", "\u{0}", "\n", "\r", "\u{301}", ",\u{301}", "=\u{301}", "é", "\u{fffd}",
        "🙂", "/tmp/a b", "tag[x]:h", "proto[", "tag_", "[", "]", ":", "--", "-", " ", "\t",
    ]

    @Test func randomCommandLinesNeverTrap() {
        var random = SettingsRandom(seed: Self.seed)
        var accepted = 0
        for run in 0..<Self.runs {
            let arguments = Self.arguments(&random)
            let file = Bool.random(using: &random) ? nil : Self.file(&random)
            if Self.check(arguments, file: file, run: run) { accepted += 1 }
        }
        // Were nearly all refused, the run would show little.
        #expect(accepted > Self.runs / 20)
    }

    @Test func randomFilesNeverTrap() {
        var random = SettingsRandom(seed: Self.seed + 1)
        var accepted = 0
        for run in 0..<Self.runs {
            var file = Self.file(&random)
            for _ in 0..<Int.random(in: 0...3, using: &random) where !file.isEmpty {
                file[Int.random(in: 0..<file.count, using: &random)] = .random(
                    in: 0...255, using: &random)
            }
            if Self.check([], file: file, run: run) { accepted += 1 }
        }
        #expect(accepted > Self.runs / 20)
    }

    /// Whether the daemon would have started.
    private static func check(_ arguments: [String], file: [UInt8]?, run: Int) -> Bool {
        do throws(UsageError) {
            let parsed = try SettingsRun.parse(arguments, file: file)
            guard case .run(let settings, let warnings) = parsed else { return false }
            #expect(warnings.allSatisfy { !$0.contains("\n") }, "run \(run): \(arguments)")
            #expect(settings.maxItemSizeBytes <= settings.memoryLimitBytes / 2)
            #expect((1...1024).contains(settings.workerThreads))
            let text = ConfigFile.render(settings, warnings: warnings)
            #expect(survives(settings, text), "run \(run): \(arguments) became:\n\(text)")
            return true
        } catch {
            #expect(!error.message.isEmpty && error.message.utf8.count < 600)
            #expect(!error.message.utf8.contains { $0 < 0x20 }, "run \(run): \(error.message)")
            return false
        }
    }

    private static func survives(_ settings: Settings, _ text: String) -> Bool {
        guard case .run(settings, _) = try? SettingsRun.parse([], file: Array(text.utf8)) else {
            return false
        }
        return true
    }

    private static func value(_ random: inout SettingsRandom) -> String {
        let first = values.randomElement(using: &random) ?? ""
        guard Int.random(in: 0..<8, using: &random) == 0 else { return first }
        return first + (values.randomElement(using: &random) ?? "")
    }

    private static func arguments(_ random: inout SettingsRandom) -> [String] {
        var arguments: [String] = []
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            guard let row = OptionTable.all.randomElement(using: &random) else { continue }
            let value = value(&random)
            let name = row.names.randomElement(using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0: arguments.append(value)
            case 1: arguments.append("-" + value)
            case 2...4:
                arguments.append(
                    "\(row.shortText ?? "-v")\(Bool.random(using: &random) ? "v" : "")")
                if row.effect.valueUse == .required { arguments.append(value) }
            case 5...6: arguments.append("--\(name ?? "port")=\(value)")
            case 7:
                let shortened = (name ?? "port").prefix(Int.random(in: 0...8, using: &random))
                arguments += ["--\(shortened)", value]
            default:
                let subOption = row.subOption ?? row.negatedSubOption ?? "modern"
                arguments += [
                    "-o", row.effect.valueUse == .never ? subOption : "\(subOption)=\(value)",
                ]
            }
        }
        return arguments
    }

    private static func file(_ random: inout SettingsRandom) -> [UInt8] {
        var text = ""
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            let row = OptionTable.all.randomElement(using: &random)
            let name = row?.names.randomElement(using: &random) ?? "extended"
            let quote = ["", "", "", "\"", "'"].randomElement(using: &random) ?? ""
            let separator = [" = ", "=", "", "= "].randomElement(using: &random) ?? ""
            let end = ["\n", "\n", "\n", "\r\n", " # c\n", ""].randomElement(using: &random) ?? ""
            text += name + separator + quote + value(&random) + quote + end
        }
        return Array(text.utf8)
    }
}
