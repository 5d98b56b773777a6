/// One option, defined once: the parser and the help page both read it.
struct RunOption: Sendable {
    typealias Apply = @Sendable (inout RunOptions, String) throws(OptionError) -> Void

    /// Without dashes.
    let name: String
    /// What the help page calls the value; nil for a switch.
    let placeholder: String?
    /// The values it takes, for messages.
    let allowed: String
    /// As the help page words it; nil where there is none.
    let defaultText: String?
    let help: String
    let apply: Apply

    /// A switch that sets true.
    static func toggle(
        _ name: String, _ key: WritableKeyPath<RunOptions, Bool> & Sendable, _ help: String
    ) -> RunOption {
        RunOption(
            name: name, placeholder: nil, allowed: "no value", defaultText: nil, help: help
        ) { (options, _) throws(OptionError) in options[keyPath: key] = true }
    }

    /// A whole number.
    static func number(
        _ name: String, _ key: WritableKeyPath<RunOptions, Int> & Sendable,
        in range: ClosedRange<Int>, default text: String? = nil, _ help: String
    ) -> RunOption {
        RunOption(
            name: name, placeholder: "N", allowed: "\(range.lowerBound) to \(range.upperBound)",
            defaultText: text ?? "\(RunOptions()[keyPath: key])", help: help
        ) { (options, text) throws(OptionError) in
            guard let value = OptionText.integer(text), range ~= value else {
                throw OptionText.refused
            }
            options[keyPath: key] = value
        }
    }

    /// Any text but none.
    static func text(
        _ name: String, _ placeholder: String,
        _ key: WritableKeyPath<RunOptions, String?> & Sendable,
        _ help: String
    ) -> RunOption {
        RunOption(
            name: name, placeholder: placeholder, allowed: "a path", defaultText: nil, help: help
        ) { (options, text) throws(OptionError) in
            guard !text.isEmpty else { throw OptionText.refused }
            options[keyPath: key] = text
        }
    }

    /// One word of several.
    static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, _ type: Value.Type, default text: String?, _ help: String,
        _ set: @escaping @Sendable (inout RunOptions, Value) -> Void
    ) -> RunOption where Value.RawValue == String {
        let words = Value.allCases.map(\.rawValue)
        return RunOption(
            name: name, placeholder: words.joined(separator: "|"),
            allowed: words.joined(separator: ", "), defaultText: text, help: help
        ) { (options, text) throws(OptionError) in
            guard let value = Value(rawValue: text) else { throw OptionText.refused }
            set(&options, value)
        }
    }

    /// Anything else.
    static func custom(
        _ name: String, _ placeholder: String, allowed: String, default text: String? = nil,
        _ help: String, _ apply: @escaping Apply
    ) -> RunOption {
        RunOption(
            name: name, placeholder: placeholder, allowed: allowed, defaultText: text,
            help: help, apply: apply)
    }
}
