/// What a command line asks for.
enum ParsedCommandLine: Sendable, Equatable {
    /// Start with these settings. Each warning is one line for stderr.
    case run(Settings, warnings: [String])
    /// Print this to stdout, which ends with a newline, and exit 0.
    case printAndExit(String)
}

extension Settings {
    /// Resolves the options: command line, then file, then default.
    ///
    /// - Parameters:
    ///   - arguments: The command line without the program's name.
    ///   - environment: Looks up a variable.
    ///   - coreCount: Processors at hand, the default of `--threads`.
    ///   - readFile: Reads the file that `--config` names.
    /// - Throws: The one line that says what is wrong; the exit code is `UsageError.exitCode`.
    static func parse(
        arguments: [String],
        environment: (String) -> String? = ProcessFacts.environment,
        coreCount: Int = ProcessFacts.coreCount(),
        readFile: (String) throws(UsageError) -> [UInt8] = ProcessFacts.readConfigFile
    ) throws(UsageError) -> ParsedCommandLine {
        let given = try CommandLineScanner.scan(arguments)
        var configPath: String?
        var isCheck = false
        for occurrence in given {
            switch occurrence.definition.effect.outcome {
            // Before any value is looked at: who asks for help may have got one wrong.
            case .page(let text): return .printAndExit(text())
            case .configFile: configPath = try checkedPath(occurrence)
            case .checkConfig: isCheck = true
            case .applied, .ignored, .unsupported, .subOptions: break
            }
        }
        var draft = SettingsDraft(defaults: .defaults(coreCount: coreCount))
        if let path = environment("MEMCACHED_PORT_FILENAME"), !path.isEmpty {
            try draft.apply(portFile(path))
        }
        draft.passwordDatabasePath = environment("MEMCACHED_SASL_PWDB")
        if let configPath {
            let bytes = try readFile(configPath)
            for occurrence in try ConfigFile.parse(bytes, path: configPath) {
                try draft.apply(occurrence)
            }
        }
        // What accumulates starts afresh on the command line: its -l replaces the file's.
        for occurrence in given { occurrence.definition.effect.reset?(&draft) }
        for occurrence in given { try draft.apply(occurrence) }
        let settings = try draft.resolve()
        if isCheck {
            return .printAndExit(ConfigFile.render(settings, warnings: draft.warnings))
        }
        return .run(settings, warnings: draft.warnings)
    }

    private static func checkedPath(_ occurrence: Occurrence) throws(UsageError) -> String {
        let path = occurrence.value ?? ""
        guard (1...SettingsLimits.pathBytesMax).contains(path.utf8.count),
            !OptionValue.hasControlBytes(path)
        else { throw occurrence.notAllowed("a path") }
        return path
    }

    /// memcached's variable, as if it were the option of that meaning, given before all others.
    private static func portFile(_ path: String) -> Occurrence? {
        OptionTable.find(name: "port-file").map {
            Occurrence(definition: $0, label: "environment MEMCACHED_PORT_FILENAME", value: path)
        }
    }
}

extension SettingsDraft {
    mutating func apply(_ occurrence: Occurrence?) throws(UsageError) {
        guard let occurrence else { return }
        try occurrence.definition.effect.apply(occurrence, &self)
    }
}
