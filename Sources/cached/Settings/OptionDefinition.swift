/// One option, defined once. The parser, the help page, the configuration file and
/// `--check-config` all read this, so a new option is one more row in an `OptionTable` file (and
/// a field in `Settings` where it has a value of its own).
struct OptionDefinition: Sendable {
    /// The letter of the short form (`-p`), ASCII.
    var short: UInt8?

    /// Long names without dashes. The first is the option's name in the configuration file; the
    /// others are aliases. Empty for what exists only below `-o`.
    var names: [String]

    /// The name below `-o`, and the one that sets the opposite.
    var subOption: String?
    var negatedSubOption: String?

    var group: OptionGroup

    /// What the help page calls the value (`NUM`); nil for a switch.
    var placeholder: String?

    /// Help text. Range and default are added to it by the page.
    var help: String

    /// The default as the help page words it, where the value itself would not be clear.
    var defaultText: String?

    /// Left out of the help page.
    var isHidden = false

    var effect: OptionEffect

    /// A name for messages: `option -p (--port)`, `option -o hashpower`.
    var label: String {
        let long = names.first.map { "--\($0)" }
        switch (shortText, long) {
        case (let short?, let long?): return "option \(short) (\(long))"
        case (let short?, nil): return "option \(short)"
        case (nil, let long?): return "option \(long)"
        case (nil, nil): return "option -o \(subOption ?? negatedSubOption ?? "?")"
        }
    }

    /// Tells definitions apart: the short letter, the first long name or the first suboption.
    var identity: String { names.first ?? subOption ?? negatedSubOption ?? shortText ?? "" }

    /// `-p`, or nil.
    var shortText: String? { short.map { "-\(Character(Unicode.Scalar($0)))" } }

    init(
        _ short: Character? = nil, _ names: String..., subOption: String? = nil,
        negatedSubOption: String? = nil, group: OptionGroup, placeholder: String? = nil,
        defaultText: String? = nil, isHidden: Bool = false, effect: OptionEffect, help: String = ""
    ) {
        self.short = short?.asciiValue
        self.names = names
        self.subOption = subOption
        self.negatedSubOption = negatedSubOption
        self.group = group
        self.placeholder = placeholder
        self.defaultText = defaultText
        self.isHidden = isHidden
        self.effect = effect
        self.help = help
    }
}

/// The sections of the help page and of `--check-config`, in their order.
enum OptionGroup: String, Sendable, CaseIterable {
    case network = "Network"
    case memory = "Memory"
    case culling = "Expiry and culling, as in Django's caches"
    case security = "Security"
    case tls = "TLS"
    case operation = "Operation"
    case cluster = "Auto-discovery, as with ElastiCache"
    case compatibility = "Compatibility with memcached"
}

/// An option as it was given: which one, where, and with what value.
struct Occurrence: Sendable {
    var definition: OptionDefinition
    /// Where it was given, for messages: `option -p (--port)`, `cached.conf:3: port`.
    var label: String
    var value: String?
    /// Given by its `negatedSubOption`.
    var isNegated = false

    /// The one line that refuses this occurrence because of its value.
    func refused(_ reason: String) -> UsageError {
        let shown = value.map { OptionValue.quoted($0) + " " } ?? ""
        return UsageError(message: "\(label): \(shown)\(reason)")
    }

    /// The same, naming what is allowed.
    func notAllowed(_ allowed: String) -> UsageError {
        refused("is not allowed; takes \(allowed)")
    }
}

/// The daemon can't start as asked. Printed to stderr after `cached: `, on one line.
struct UsageError: Error, Equatable {
    let message: String

    /// EX_USAGE of sysexits.h, as memcached exits.
    static let exitCode: Int32 = 64
}
