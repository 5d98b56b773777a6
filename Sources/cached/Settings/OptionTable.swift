/// Every option there is. The rows stand in one file per group of the help page; this puts them
/// together and finds them by name.
enum OptionTable {
    static let all: [OptionDefinition] =
        network + memory + culling + security + authentication + tls + operation + cluster
        + compatibility

    private static let byShort: [UInt8: OptionDefinition] = index { $0.short.map { [$0] } ?? [] }
    private static let byName: [String: OptionDefinition] = index { $0.names }
    private static let bySubOption: [String: OptionDefinition] = index {
        [$0.subOption, $0.negatedSubOption].compactMap { $0 }
    }

    static func find(short: UInt8) -> OptionDefinition? { byShort[short] }

    static func find(name: String) -> OptionDefinition? { byName[name] }

    static func find(subOption: String) -> OptionDefinition? { bySubOption[subOption] }

    /// Definitions with a long name that begins so, as getopt lets names be shortened.
    static func find(namePrefix prefix: String) -> [OptionDefinition] {
        all.filter { $0.names.contains { $0.utf8.starts(with: prefix.utf8) } }
    }

    /// Two rows with one name are a mistake that a test finds; here the first wins, since a
    /// daemon that starts is better than one that traps.
    private static func index<Key: Hashable>(
        _ keys: (OptionDefinition) -> [Key]
    ) -> [Key: OptionDefinition] {
        let pairs = all.flatMap { definition in keys(definition).map { ($0, definition) } }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }
}
