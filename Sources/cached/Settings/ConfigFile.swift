/// The configuration file: one `name = value` a line, the long option names without dashes, `#`
/// for comments. A value may stand in quotes: "..." with \" and \\ inside, or '...' taken as is.
enum ConfigFile {
    /// The occurrences in `bytes`. `path` is for messages, which all begin `path:line: `.
    static func parse(_ bytes: [UInt8], path: String) throws(UsageError) -> [Occurrence] {
        let shownPath = String(OptionValue.quoted(path).dropFirst().dropLast())
        guard bytes.count <= SettingsLimits.configFileBytesMax else {
            throw UsageError(message: "\(shownPath): is larger than 1 MiB")
        }
        var occurrences: [Occurrence] = []
        var linesByIdentity: [String: Int] = [:]
        let lines = withoutByteOrderMark(bytes).split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let place = "\(shownPath):\(index + 1): "
            guard let found = try parseLine(line, place: place) else { continue }
            let definition = found.definition
            if let earlier = linesByIdentity.updateValue(index + 1, forKey: definition.identity),
                !definition.effect.isRepeatable
            {
                throw UsageError(message: "\(found.label): is already set on line \(earlier)")
            }
            occurrences += try found.expanded(labelPrefix: "\(place)extended ")
        }
        return occurrences
    }

    private static func withoutByteOrderMark(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
    }

    private static func parseLine(
        _ line: ArraySlice<UInt8>, place: String
    ) throws(UsageError) -> Occurrence? {
        guard !line.contains(0) else {
            throw UsageError(message: "\(place)has a NUL byte; this is not a text file")
        }
        guard let text = String(validating: line, as: UTF8.self) else {
            throw UsageError(message: "\(place)is not valid UTF-8")
        }
        // A line may end \r\n, in files that were written elsewhere.
        let bytes = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        let content = bytes.drop(while: OptionValue.isBlank)
        guard let first = content.first, first != UInt8(ascii: "#") else { return nil }
        guard let equals = content.firstIndex(of: UInt8(ascii: "=")) else {
            let hint = first == UInt8(ascii: "-") ? ", without the dashes" : ""
            throw UsageError(
                message: "\(place)\(OptionValue.quoted(OptionValue.trimmed(text))) "
                    + "is not of the form 'name = value'\(hint)")
        }
        let name = OptionValue.trimmed(String(decoding: content[..<equals], as: UTF8.self))
        let definition = try find(name, place: place)
        let label = "\(place)\(name)"
        let value = try parseValue(content[(equals + 1)...], label: label)
        return Occurrence(definition: definition, label: label, value: value)
    }

    private static func find(_ name: String, place: String) throws(UsageError) -> OptionDefinition {
        guard let definition = OptionTable.find(name: name) else {
            let hint = name.utf8.first == UInt8(ascii: "-") ? " without the dashes" : ""
            throw UsageError(
                message: "\(place)\(OptionValue.quoted(name)) is unknown; "
                    + "allowed are the long option names\(hint), see --help")
        }
        switch definition.effect.outcome {
        case .page, .configFile, .checkConfig:
            throw UsageError(
                message: "\(place)\(name): is for the command line, not for a file")
        case .applied, .ignored, .unsupported, .subOptions:
            return definition
        }
    }

    private static func parseValue(
        _ bytes: ArraySlice<UInt8>, label: String
    ) throws(UsageError) -> String {
        let content = bytes.drop(while: OptionValue.isBlank)
        let quotes = [UInt8(ascii: "\""), UInt8(ascii: "'")]
        if let quote = content.first, quotes.contains(quote) {
            return try parseQuoted(content.dropFirst(), quote: quote, label: label)
        }
        // '#' begins a comment only at the start or after a blank, so a path may contain one.
        var end = content.startIndex
        var isAfterBlank = true
        for byte in content {
            if isAfterBlank, byte == UInt8(ascii: "#") { break }
            isAfterBlank = OptionValue.isBlank(byte)
            end += 1
        }
        let value = OptionValue.trimmed(
            String(decoding: content[content.startIndex..<end], as: UTF8.self))
        guard !value.isEmpty else { throw UsageError(message: "\(label): has no value") }
        return value
    }

    private static func parseQuoted(
        _ bytes: ArraySlice<UInt8>, quote: UInt8, label: String
    ) throws(UsageError) -> String {
        let backslash = UInt8(ascii: "\\")
        let hasEscapes = quote == UInt8(ascii: "\"")
        var value: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            if byte == quote {
                let after = rest.drop(while: OptionValue.isBlank)
                guard after.isEmpty || after.first == UInt8(ascii: "#") else {
                    throw UsageError(message: "\(label): has text after the closing quote")
                }
                return String(decoding: value, as: UTF8.self)
            }
            if hasEscapes, byte == backslash {
                guard let escaped = rest.popFirst(), escaped == quote || escaped == backslash else {
                    throw UsageError(
                        message: "\(label): a backslash in quotes goes before \" or \\ only")
                }
                value.append(escaped)
            } else {
                value.append(byte)
            }
        }
        throw UsageError(message: "\(label): has no closing quote")
    }
}
