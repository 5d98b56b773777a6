@testable import cached

/// Parses without a disk or an environment: `file` is what `--config` reads, whatever its path.
struct SettingsRun {
    var settings: Settings
    var warnings: [String]

    static let coreCount = 6
    static let defaults = Settings.defaults(coreCount: coreCount)

    static func parse(
        _ arguments: [String], file: [UInt8]? = nil, environment: [String: String] = [:]
    ) throws(UsageError) -> ParsedCommandLine {
        let config = file == nil ? [] : ["--config", "cached.conf"]
        return try Settings.parse(
            arguments: config + arguments, environment: { environment[$0] },
            coreCount: coreCount,
            readFile: { (_: String) throws(UsageError) -> [UInt8] in file ?? [] })
    }

    /// The settings that `arguments` and the lines of a file give.
    static func resolve(
        _ arguments: [String], file: String? = nil, environment: [String: String] = [:]
    ) throws -> SettingsRun {
        let bytes = file.map { Array($0.utf8) }
        guard
            case .run(let settings, let warnings) = try parse(
                arguments, file: bytes, environment: environment)
        else { throw UnexpectedPage() }
        return SettingsRun(settings: settings, warnings: warnings)
    }

    /// The message that refuses them, or nil.
    static func refusal(_ arguments: [String], file: String? = nil) -> String? {
        do throws(UsageError) {
            _ = try parse(arguments, file: file.map { Array($0.utf8) })
            return nil
        } catch {
            return error.message
        }
    }

    /// What `--check-config` prints.
    static func check(_ arguments: [String], file: String? = nil) throws -> String {
        let bytes = file.map { Array($0.utf8) }
        guard case .printAndExit(let text) = try parse(arguments + ["--check-config"], file: bytes)
        else { throw MissingPage() }
        return text
    }

    struct UnexpectedPage: Error {}
    struct MissingPage: Error {}
}

/// SplitMix64: a seed prints in one number and repeats everywhere.
struct SettingsRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        // Wrapping is what the algorithm asks for.
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
