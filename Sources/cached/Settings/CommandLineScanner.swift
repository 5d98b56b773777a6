/// Splits a command line into occurrences the way getopt_long does: letters in clusters (`-vk`),
/// values attached or apart (`-m64`, `-m 64`), long names shortened as far as they stay clear,
/// `--` as the end. It works on bytes, so no character can hide a dash, a comma or an equals sign.
struct CommandLineScanner {
    private let arguments: [String]
    private var position = 0
    private(set) var occurrences: [Occurrence] = []

    private static let dash = UInt8(ascii: "-")
    private static let equals = UInt8(ascii: "=")

    init(arguments: [String]) {
        self.arguments = arguments
    }

    /// The occurrences in the order given, `-o` already taken apart.
    static func scan(_ arguments: [String]) throws(UsageError) -> [Occurrence] {
        var scanner = CommandLineScanner(arguments: arguments)
        try scanner.scanAll()
        return scanner.occurrences
    }

    private mutating func scanAll() throws(UsageError) {
        while let argument = next() {
            let bytes = Array(argument.utf8)
            if bytes == [Self.dash, Self.dash] {
                while let operand = next() { try refuseOperand(operand) }
            } else if bytes.starts(with: [Self.dash, Self.dash]) {
                try scanLong(bytes.dropFirst(2))
            } else if bytes.first == Self.dash, bytes.count > 1 {
                try scanCluster(bytes.dropFirst())
            } else {
                try refuseOperand(argument)
            }
        }
    }

    private mutating func next() -> String? {
        guard position < arguments.count else { return nil }
        defer { position += 1 }
        return arguments[position]
    }

    /// An empty argument is what an unset variable of a unit file becomes; memcached overlooks it.
    private func refuseOperand(_ operand: String) throws(UsageError) {
        if operand.isEmpty { return }
        throw UsageError(
            message: "argument \(OptionValue.quoted(operand)): is not an option; "
                + "options begin with a dash, see --help")
    }

    private mutating func scanCluster(_ cluster: ArraySlice<UInt8>) throws(UsageError) {
        var rest = cluster
        while let letter = rest.popFirst() {
            guard let definition = OptionTable.find(short: letter) else {
                let isPrintable = (0x21...0x7e).contains(letter)
                let shown = isPrintable ? "\(Character(Unicode.Scalar(letter)))" : "?"
                throw UsageError(message: "option -\(shown): is unknown; see --help")
            }
            guard definition.effect.valueUse == .required else {
                try add(Occurrence(definition: definition, label: definition.label))
                continue
            }
            let attached = rest.isEmpty ? nil : String(decoding: rest, as: UTF8.self)
            try add(definition, value: try value(of: definition, attached: attached))
            return
        }
    }

    private mutating func scanLong(_ bytes: ArraySlice<UInt8>) throws(UsageError) {
        let parts = bytes.split(
            separator: Self.equals, maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(decoding: parts.first ?? [], as: UTF8.self)
        let definition = try find(name)
        let attached = parts.count == 2 ? String(decoding: parts[1], as: UTF8.self) : nil
        switch definition.effect.valueUse {
        case .never:
            guard attached == nil else {
                throw UsageError(message: "\(definition.label): takes no value")
            }
            try add(Occurrence(definition: definition, label: definition.label))
        case .optional:
            try add(definition, value: attached)
        case .required:
            try add(definition, value: try value(of: definition, attached: attached))
        }
    }

    private func find(_ name: String) throws(UsageError) -> OptionDefinition {
        if let exact = OptionTable.find(name: name) { return exact }
        let shown = OptionValue.quoted("--\(name)")
        let candidates = name.isEmpty ? [] : OptionTable.find(namePrefix: name)
        if candidates.count > 1 {
            let names = candidates.compactMap { $0.names.first { $0.utf8.starts(with: name.utf8) } }
            let list = names.map { "--\($0)" }.joined(separator: ", ")
            throw UsageError(message: "option \(shown): could be \(list)")
        }
        guard let only = candidates.first else {
            throw UsageError(message: "option \(shown): is unknown; see --help")
        }
        return only
    }

    private mutating func value(
        of definition: OptionDefinition, attached: String?
    ) throws(UsageError) -> String {
        if let value = attached ?? next() { return value }
        let allowed = definition.effect.allowed.map { ": \($0)" } ?? ""
        throw UsageError(message: "\(definition.label): needs a value\(allowed)")
    }

    /// Leading blanks go, as in memcached: a unit file's `OPTIONS="-l ::1"` passed as one word
    /// leaves one there.
    private mutating func add(_ definition: OptionDefinition, value: String?) throws(UsageError) {
        let trimmed = value.map { String(Substring($0.utf8.drop(while: OptionValue.isBlank))) }
        try add(Occurrence(definition: definition, label: definition.label, value: trimmed))
    }

    private mutating func add(_ occurrence: Occurrence) throws(UsageError) {
        occurrences += try occurrence.expanded(labelPrefix: "option -o ")
    }
}

extension Occurrence {
    /// The suboptions if this is `-o`, else the occurrence itself. As in memcached a comma may end
    /// the list, and the list may be empty.
    func expanded(labelPrefix: String) throws(UsageError) -> [Occurrence] {
        guard case .subOptions = definition.effect.outcome else { return [self] }
        var pieces = (value ?? "").utf8.split(
            separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        if pieces.last?.isEmpty == true { pieces.removeLast() }
        var expanded: [Occurrence] = []
        for piece in pieces {
            let parts = piece.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = OptionValue.trimmed(parts.first.map { String(Substring($0)) } ?? "")
            let value = parts.count == 2 ? String(Substring(parts[1])) : nil
            guard let found = OptionTable.find(subOption: name) else {
                let shown = OptionValue.quoted(name)
                throw UsageError(message: "\(label): suboption \(shown) is unknown; see --help")
            }
            let part = Occurrence(
                definition: found, label: labelPrefix + name, value: value,
                isNegated: name == found.negatedSubOption)
            if found.effect.valueUse == .required, value == nil {
                let allowed = found.effect.allowed.map { ": \($0)" } ?? ""
                throw UsageError(message: "\(part.label): needs a value\(allowed)")
            }
            expanded.append(part)
        }
        return expanded
    }
}
