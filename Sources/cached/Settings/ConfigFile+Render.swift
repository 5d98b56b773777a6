extension ConfigFile {
    /// `settings` as a configuration file that gives the same settings again. Warnings stand at
    /// its head as comments.
    static func render(_ settings: Settings, warnings: [String]) -> String {
        var text = "# Settings of cached \(cachedVersion)\n"
        for warning in warnings { text += "# warning: \(warning)\n" }
        for group in OptionGroup.allCases {
            let lines = OptionTable.all.filter { $0.group == group }.flatMap { definition in
                renderLines(definition, settings)
            }
            guard !lines.isEmpty else { continue }
            text += "\n# \(group.rawValue)\n"
            for line in lines { text += line + "\n" }
        }
        return text
    }

    /// A line per value; what has no value is shown as a comment, so that its name is seen.
    private static func renderLines(
        _ definition: OptionDefinition, _ settings: Settings
    ) -> [String] {
        guard let name = definition.names.first, let render = definition.effect.render,
            let values = render(settings)
        else { return [] }
        if values.isEmpty { return ["# \(name) ="] }
        return values.map { "\(name) = \(quotedIfNeeded($0))" }
    }

    private static func quotedIfNeeded(_ value: String) -> String {
        let isPlain = value.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                return true
            default:
                return "*./_-:,@%+[]".utf8.contains(byte)
            }
        }
        if isPlain { return value }
        var quoted = "\""
        for scalar in value.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}
