extension OptionTable {
    static let security: [OptionDefinition] = [
        OptionDefinition(
            "u", "user", group: .security, placeholder: "NAME",
            effect: .text(
                \.userName, bytesMax: SettingsLimits.userNameBytesMax, what: "a user name"),
            help: "User to become, when started as root."),
        OptionDefinition(
            "A", "enable-shutdown", group: .security, effect: .flag(\.shutdownCommandEnabled),
            help: "Let the shutdown command stop the daemon."),
        OptionDefinition(
            "F", "disable-flush-all", group: .security, effect: .flag(\.flushDisabled),
            help: "Refuse flush_all."),
        OptionDefinition(
            "X", "disable-dumping", group: .security, effect: .flag(\.dumpDisabled),
            help: "Refuse what lists keys: cachedump, metadump, detail."),
        OptionDefinition(
            "W", "disable-watch", group: .security, effect: .flag(\.watchDisabled),
            help: "Refuse the watch commands."),
    ]

    static let operation: [OptionDefinition] = [
        OptionDefinition(
            nil, "config", group: .operation, placeholder: "FILE",
            effect: .steering(.configFile, valueUse: .required),
            help: """
                Read options from a file: 'NAME = VALUE' lines with the long names of this \
                page, # comments. The command line goes before it.
                """),
        OptionDefinition(
            nil, "check-config", group: .operation, effect: .steering(.checkConfig),
            help: "Print the settings in effect, as such a file, and exit."),
        OptionDefinition(
            "t", "threads", group: .operation, placeholder: "NUM",
            defaultText: "the processors",
            effect: .number(
                \.workerThreads, in: 1...SettingsLimits.workerThreadsMax),
            help: "Threads that serve connections."),
        OptionDefinition(
            "d", "daemon", group: .operation, effect: .flag(\.daemonize),
            help: "Go to the background."),
        OptionDefinition(
            "P", "pidfile", "pid-file", group: .operation, placeholder: "FILE",
            effect: .text(\.pidFilePath, bytesMax: SettingsLimits.pathBytesMax, what: "a path"),
            help: "Write the process id to a file."),
        OptionDefinition(
            "r", "enable-coredumps", group: .operation, effect: .flag(\.maximizeCore),
            help: "Raise the limit on core dumps."),
        OptionDefinition(
            "C", "disable-cas", group: .operation, effect: .flag(\.casDisabled),
            help: "Keep no CAS values; cas never matches."),
        OptionDefinition(
            "D", "prefix-delimiter", group: .operation, placeholder: "CHAR", defaultText: "off",
            effect: prefixDelimiter(),
            help: "Count requests per key prefix, which ends at this character."),
        OptionDefinition(
            nil, "track-sizes", subOption: "track_sizes", group: .operation,
            effect: .flag(\.trackSizes), help: "Keep the counts that 'stats sizes' reports."),
        OptionDefinition(
            nil, "watcher-buffer", subOption: "watcher_logbuf_size", group: .operation,
            placeholder: "NUM", effect: watcherBuffer(),
            help: "KiB of lines that wait for a slow 'watch' connection."),
        OptionDefinition(
            "v", "verbose", group: .operation, effect: verbosity(),
            help: "Log more; -vv and -vvv more still, --verbose=0 to 3."),
        OptionDefinition(
            "V", "version", group: .operation, effect: .steering(.page { versionLine }),
            help: "Print the version and exit."),
        OptionDefinition(
            "h", "help", group: .operation, effect: .steering(.page { HelpPage.text() }),
            help: "Print this page and exit."),
        OptionDefinition(
            "i", "license", group: .operation, effect: .steering(.page { licensePage }),
            help: "Print the license and exit."),
    ]

    private static var versionLine: String {
        "cached \(cachedVersion) (memcached \(memcachedCompatibleVersion) compatible)\n"
    }

    private static var licensePage: String {
        """
        \(versionLine)
        Licensed under the Apache License, Version 2.0. You may obtain a copy at
        http://www.apache.org/licenses/LICENSE-2.0

        Unless required by applicable law or agreed to in writing, this software is
        distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND,
        either express or implied.

        """
    }

    private static func prefixDelimiter() -> OptionEffect {
        var effect = OptionEffect(valueUse: .required)
        effect.apply = { (occurrence, draft) throws(UsageError) in
            let bytes = Array((occurrence.value ?? "").utf8)
            guard bytes.count == 1, let byte = bytes.first, (0x21...0x7e).contains(byte) else {
                throw occurrence.notAllowed("one printable ASCII character")
            }
            draft.settings.prefixDelimiter = byte
            draft.settings.statsDetailEnabled = true
        }
        effect.render = { settings in
            guard settings.statsDetailEnabled else { return [] }
            return ["\(Character(Unicode.Scalar(settings.prefixDelimiter)))"]
        }
        return effect
    }

    private static func watcherBuffer() -> OptionEffect {
        let range = 1...SettingsLimits.watcherBufferKiBMax
        var effect = OptionEffect.wholeNumber(range)
        effect.apply = { (occurrence, draft) throws(UsageError) in
            let kibibytes = try OptionEffect.integer(occurrence, in: range)
            draft.settings.watcherBufferBytes = kibibytes << 10
        }
        effect.render = { ["\($0.watcherBufferBytes >> 10)"] }
        return effect
    }

    private static func verbosity() -> OptionEffect {
        let range = 0...SettingsLimits.verbosityMax
        var effect = OptionEffect(valueUse: .optional, allowed: OptionEffect.describe(range))
        effect.apply = { (occurrence, draft) throws(UsageError) in
            guard occurrence.value != nil else {
                // At most 3 + 1: a fourth -v says nothing more.
                draft.settings.verbosity = min(draft.settings.verbosity + 1, range.upperBound)
                return
            }
            draft.settings.verbosity = try OptionEffect.integer(occurrence, in: range)
        }
        effect.render = { ["\($0.verbosity)"] }
        effect.reset = { $0.settings.verbosity = 0 }
        return effect
    }
}
