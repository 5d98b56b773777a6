/// The page of `--help`, made from the `OptionTable`: two columns, 80 wide.
enum HelpPage {
    private static let width = 80
    private static let helpColumn = 31

    static func text() -> String {
        // Programs that start memcached themselves read the first line as `memcached 1.6.x`.
        var page = """
            memcached \(memcachedCompatibleVersion) compatible: cached \(cachedVersion)

            A cache daemon that any memcached client can talk to.

            Usage: cached [OPTION]...

            Sizes take the suffixes k, m, g and t, powers of 1024. A switch may be turned
            off again: --disable-cas=no.

            """
        for group in OptionGroup.allCases {
            let rows = OptionTable.all.filter { $0.group == group && !$0.isHidden }
            guard !rows.isEmpty else { continue }
            page += "\n\(group.rawValue):\n"
            for row in rows { page += entry(row) }
        }
        return page + compatibilityNotes() + examples
    }

    private static func entry(_ definition: OptionDefinition) -> String {
        let left = leftColumn(definition)
        let lines = wrap(rightColumn(definition), width: width - helpColumn)
        let indent = String(repeating: " ", count: helpColumn)
        let fits = left.utf8.count < helpColumn
        var text = fits ? left + indent.dropFirst(left.utf8.count) : left + "\n" + indent
        text += lines.joined(separator: "\n" + indent)
        return text + "\n"
    }

    private static func leftColumn(_ definition: OptionDefinition) -> String {
        let short = definition.shortText.map { "\($0), " } ?? "    "
        let name = definition.names.first ?? ""
        let value = definition.placeholder.map { "=\($0)" } ?? ""
        return "  \(short)--\(name)\(value)"
    }

    /// The help text, then in square brackets what it takes and what it is otherwise.
    private static func rightColumn(_ definition: OptionDefinition) -> String {
        var notes: [String] = []
        let effect = definition.effect
        if let allowed = effect.allowedInHelp { notes.append(allowed) }
        if let value = defaultText(definition) { notes.append("default \(value)") }
        if let subOption = definition.subOption {
            let negated = definition.negatedSubOption.map { ", \($0)" } ?? ""
            notes.append("-o \(subOption)\(negated)")
        }
        let aliases = definition.names.dropFirst().map { "--\($0)" }
        if !aliases.isEmpty { notes.append("also \(aliases.joined(separator: ", "))") }
        return notes.isEmpty
            ? definition.help : "\(definition.help) [\(notes.joined(separator: "; "))]"
    }

    /// What the table says, or the default settings' own value; a switch that is off needs none.
    private static func defaultText(_ definition: OptionDefinition) -> String? {
        if let text = definition.defaultText { return text }
        let values = definition.effect.render?(.defaults(coreCount: 1)) ?? []
        guard let value = values.first, value != "no" else { return nil }
        return value
    }

    /// The names that are accepted without effect, and those that are refused, from the table.
    private static func compatibilityNotes() -> String {
        var ignored: [OptionDefinition] = []
        var unsupported: [OptionDefinition] = []
        for definition in OptionTable.all {
            switch definition.effect.outcome {
            case .ignored: ignored.append(definition)
            case .unsupported: unsupported.append(definition)
            case .applied, .page, .configFile, .checkConfig, .subOptions: break
            }
        }
        return paragraph("Accepted without effect, each with a warning that says why:", ignored)
            + paragraph("Not supported in this version, and refused:", unsupported)
    }

    private static func paragraph(_ title: String, _ definitions: [OptionDefinition]) -> String {
        let flags = definitions.compactMap { definition in
            definition.shortText.map { "\($0) (--\(definition.names.first ?? ""))" }
        }
        let subOptions = definitions.flatMap { [$0.subOption, $0.negatedSubOption] }
            .compactMap { $0 }
        let flagLines = wrap(flags.joined(separator: ", "), width: width - 4)
        let subOptionLines = wrap(
            "below -o: " + subOptions.joined(separator: ", "), width: width - 4)
        return "\n  \(title)\n" + (flagLines + subOptionLines).map { "    \($0)\n" }.joined()
    }

    private static let examples = """

        Examples:
          cached                            64 MiB on 127.0.0.1:11211
          cached -m 1g -l 10.0.0.5 -Y users 1 GiB for the users of a network
          cached -s /run/cached.sock -a 770 a unix socket for one group
          cached --max-entries=10000        cull as Django's LocMemCache does
          cached --config=/etc/cached.conf --check-config
                                            see what a file amounts to

        """

    /// Lines of at most `width` bytes, broken at spaces. The texts are ASCII; a test sees to it.
    private static func wrap(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.utf8.count + 1 + word.utf8.count > width {
                lines.append(line)
                line = ""
            }
            if !line.isEmpty { line += " " }
            line += word
        }
        if !line.isEmpty { lines.append(line) }
        return lines
    }
}
