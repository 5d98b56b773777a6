/// What an option does: the value it takes, how that is applied, and how it is written back.
/// The factories below cover the usual kinds; each names a field of `Settings` by key path, so
/// that a row of the table says in one place what is read and what is printed.
struct OptionEffect: Sendable {
    enum ValueUse: Sendable { case never, optional, required }

    /// What becomes of an option when it is met.
    enum Outcome: Sendable {
        /// Changes the settings.
        case applied
        /// Accepted for memcached's sake, with one warning that says why it does nothing.
        case ignored(why: String)
        /// Not supported in this version: the daemon does not start.
        case unsupported(why: String)
        /// Prints a page and exits, whatever else is given.
        case page(@Sendable () -> String)
        /// Names the configuration file.
        case configFile
        /// Prints the resolved settings and exits.
        case checkConfig
        /// A list of suboptions (`-o`).
        case subOptions
    }

    typealias Key<Value> = WritableKeyPath<Settings, Value> & Sendable
    typealias Apply = @Sendable (Occurrence, inout SettingsDraft) throws(UsageError) -> Void

    var valueUse: ValueUse
    /// The values it takes, for messages: `1 to 65535`.
    var allowed: String?
    /// The same for the help page, where a bound that nobody meets would be noise.
    var allowedInHelp: String?
    var outcome = Outcome.applied
    /// Whether the configuration file may name it more than once.
    var isRepeatable = false
    var apply: Apply = { _, _ in }
    /// The values that give the same setting when read from a file. An empty list stands for a
    /// setting without a value, nil for one that need not be written.
    var render: (@Sendable (Settings) -> [String]?)?
    /// For what accumulates: forgets what the file said, before the command line is applied.
    var reset: (@Sendable (inout SettingsDraft) -> Void)?
}

extension OptionEffect {
    /// A switch. Given alone it sets true; a long form or a file may say yes or no.
    static func flag(_ key: Key<Bool>, warning: String? = nil) -> OptionEffect {
        var effect = OptionEffect(valueUse: .optional, allowed: "yes or no")
        effect.apply = { (occurrence, draft) throws(UsageError) in
            let isOn = try boolean(occurrence)
            if let warning { draft.warn(occurrence, warning) }
            draft.settings[keyPath: key] = isOn != occurrence.isNegated
        }
        effect.render = { settings in [settings[keyPath: key] ? "yes" : "no"] }
        return effect
    }

    /// A whole number.
    static func number(
        _ key: Key<Int>, in range: ClosedRange<Int>, allowed: String? = nil
    ) -> OptionEffect {
        var effect = wholeNumber(range, allowed: allowed)
        effect.apply = { (occurrence, draft) throws(UsageError) in
            draft.settings[keyPath: key] = try integer(occurrence, in: range, allowed: allowed)
        }
        effect.render = { settings in ["\(settings[keyPath: key])"] }
        return effect
    }

    /// What the options with a whole number have in common; the caller sets `apply`.
    static func wholeNumber(_ range: ClosedRange<Int>, allowed: String? = nil) -> OptionEffect {
        var effect = OptionEffect(valueUse: .required, allowed: allowed ?? describe(range))
        effect.allowedInHelp = effect.allowed
        if range.upperBound >= SettingsLimits.int32Max {
            effect.allowedInHelp = range.lowerBound == 0 ? nil : "at least \(range.lowerBound)"
        }
        return effect
    }

    /// A size with a suffix; a plain number counts `unitBytes`.
    static func size<Value: BinaryInteger & Sendable>(
        _ key: Key<Value>, in range: ClosedRange<UInt64>, unitBytes: UInt64
    ) -> OptionEffect {
        let lowest = OptionValue.sizeText(range.lowerBound)
        let highest = OptionValue.sizeText(range.upperBound)
        let allowed = "\(lowest) to \(highest)"
        var effect = OptionEffect(valueUse: .required, allowed: allowed)
        effect.allowedInHelp =
            range.upperBound > 1 << 40 ? "at least \(lowest)" : allowed
        effect.apply = { (occurrence, draft) throws(UsageError) in
            guard let value = OptionValue.size(occurrence.value ?? "", unitBytes: unitBytes),
                range.contains(value), let exact = Value(exactly: value)
            else { throw occurrence.notAllowed("\(allowed) (suffixes k, m, g, t)") }
            draft.settings[keyPath: key] = exact
        }
        effect.render = { settings in
            [OptionValue.sizeText(UInt64(clamping: settings[keyPath: key]))]
        }
        return effect
    }

    /// A path or name: bytes without control characters.
    static func text(_ key: Key<String?>, bytesMax: Int, what: String) -> OptionEffect {
        let allowed = "\(what) of 1 to \(bytesMax) bytes without control characters"
        var effect = OptionEffect(valueUse: .required)
        effect.apply = { (occurrence, draft) throws(UsageError) in
            let value = occurrence.value ?? ""
            guard (1...bytesMax).contains(value.utf8.count), !OptionValue.hasControlBytes(value)
            else { throw occurrence.notAllowed(allowed) }
            draft.settings[keyPath: key] = value
        }
        effect.render = { settings in settings[keyPath: key].map { [$0] } ?? [] }
        return effect
    }

    /// Accepted, checked as memcached checks it, and without effect but for one warning.
    static func ignored(_ check: IgnoredValue, why: String) -> OptionEffect {
        var effect = OptionEffect(valueUse: check.valueUse, allowed: check.allowed)
        effect.outcome = .ignored(why: why)
        effect.apply = { (occurrence, draft) throws(UsageError) in
            guard check.accepts(occurrence.value) else {
                throw occurrence.notAllowed(check.allowed)
            }
            // A file's `enable-largepages = no` asks for nothing.
            if case .none = check, OptionValue.boolean(occurrence.value ?? "yes") == false {
                return
            }
            draft.warn(occurrence, "has no effect: \(why)")
        }
        return effect
    }

    /// Refused by name, whatever its value.
    static func unsupported(_ valueUse: ValueUse, why: String) -> OptionEffect {
        var effect = OptionEffect(valueUse: valueUse)
        effect.outcome = .unsupported(why: why)
        effect.apply = { (occurrence, _) throws(UsageError) in
            throw UsageError(
                message: "\(occurrence.label): not supported: \(why)")
        }
        return effect
    }

    /// A switch that ends the program with a page, or steers the parser itself.
    static func steering(_ outcome: Outcome, valueUse: ValueUse = .never) -> OptionEffect {
        OptionEffect(valueUse: valueUse, outcome: outcome)
    }
}

// MARK: Reading a value

extension OptionEffect {
    static func boolean(_ occurrence: Occurrence) throws(UsageError) -> Bool {
        guard let value = occurrence.value else { return true }
        guard let isOn = OptionValue.boolean(value) else {
            throw occurrence.notAllowed("yes or no")
        }
        return isOn
    }

    static func integer(
        _ occurrence: Occurrence, in range: ClosedRange<Int>, allowed: String? = nil
    ) throws(UsageError) -> Int {
        guard let value = OptionValue.integer(occurrence.value ?? ""), range.contains(value) else {
            throw occurrence.notAllowed(allowed ?? describe(range))
        }
        return value
    }

    static func describe(_ range: ClosedRange<Int>) -> String {
        "\(range.lowerBound) to \(range.upperBound)"
    }
}

/// How the value of an option without effect is checked: loosely, but a value that memcached
/// refuses is refused here too.
enum IgnoredValue: Sendable {
    /// Takes none; memcached overlooks one below `-o`.
    case none
    case integer(ClosedRange<Int>)
    case optionalInteger(ClosedRange<Int>)
    /// A decimal fraction between the bounds, the lower one excluded.
    case decimal(above: Double, upTo: Double)
    case choice([String])
    case text
    case optionalText

    var valueUse: OptionEffect.ValueUse {
        switch self {
        case .none: return .never
        case .optionalInteger, .optionalText: return .optional
        case .integer, .decimal, .choice, .text: return .required
        }
    }

    var allowed: String {
        switch self {
        case .none: return "no value"
        case .integer(let range), .optionalInteger(let range):
            return OptionEffect.describe(range)
        case .decimal(let low, let high):
            return high.isFinite ? "a number above \(low), up to \(high)" : "a number above \(low)"
        case .choice(let names): return names.joined(separator: ", ")
        case .text, .optionalText: return "any text"
        }
    }

    func accepts(_ value: String?) -> Bool {
        guard let value else { return valueUse != .required }
        switch self {
        case .none, .optionalText: return true
        case .integer(let range), .optionalInteger(let range):
            return OptionValue.integer(value).map(range.contains) ?? false
        case .decimal(let low, let high):
            return OptionValue.decimal(value).map { $0 > low && $0 <= high } ?? false
        case .choice(let names): return names.contains(value)
        case .text: return !value.isEmpty
        }
    }
}
