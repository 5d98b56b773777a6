import CacheEngine

extension OptionTable {
    static let memory: [OptionDefinition] = [
        OptionDefinition(
            "m", "memory-limit", group: .memory, placeholder: "SIZE",
            effect: .size(
                \.memoryLimitBytes,
                in: SettingsLimits.memoryLimitBytesMin...SettingsLimits.memoryLimitBytesMax,
                unitBytes: 1 << 20),
            help: "Memory for the cache, in MiB or with k, m, g, t."),
        OptionDefinition(
            "M", "disable-evictions", group: .memory, effect: .flag(\.evictionDisabled),
            help: "When memory is full answer with an error, don't evict."),
        OptionDefinition(
            nil, "eviction", group: .memory, placeholder: "NAME", effect: eviction(),
            help: "What goes when memory is full: the least recently used, or S3-FIFO."),
        OptionDefinition(
            "I", "max-item-size", group: .memory, placeholder: "SIZE",
            effect: .size(
                \.maxItemSizeBytes,
                in: SettingsLimits.itemSizeBytesMin...SettingsLimits.itemSizeBytesMax,
                unitBytes: 1),
            help: "Largest item, in bytes or with k, m, g; at most half of -m."),
        OptionDefinition(
            "k", "lock-memory", group: .memory, effect: .flag(\.lockMemory),
            help: "Keep all memory from being swapped out."),
        OptionDefinition(
            nil, "shards", group: .memory, placeholder: "NUM", defaultText: "chosen",
            effect: shards(), help: "Parts with a lock each; a power of two."),
        OptionDefinition(
            nil, "hash-seed", group: .memory, placeholder: "NUM", isHidden: true,
            effect: hashSeed()),
    ]

    static let culling: [OptionDefinition] = [
        OptionDefinition(
            nil, "max-entries", group: .culling, placeholder: "NUM", defaultText: "0",
            effect: maxEntries(),
            help: "Entries at which a new key culls older ones; 0 for no limit."),
        OptionDefinition(
            nil, "cull-frequency", group: .culling, placeholder: "NUM",
            effect: .number(\.cullFrequency, in: 0...SettingsLimits.int32Max),
            help: "Cull one entry in NUM, least recently used first; 0 drops all."),
        OptionDefinition(
            nil, "default-ttl", group: .culling, placeholder: "SEC", effect: defaultTTL(),
            help: "Seconds that an entry stored with exptime 0 lives; 0 for ever."),
        OptionDefinition(
            nil, "dummy", group: .culling, effect: .flag(\.dummy),
            help: "Answer every command and store nothing, for development."),
    ]

    private static func shards() -> OptionEffect {
        let range = 1...SettingsLimits.shardsMax
        var effect = OptionEffect.wholeNumber(range)
        effect.apply = { (occurrence, draft) throws(UsageError) in
            let wording = "a power of two, \(OptionEffect.describe(range))"
            let count = try OptionEffect.integer(occurrence, in: range, allowed: wording)
            guard count.nonzeroBitCount == 1 else { throw occurrence.notAllowed(wording) }
            draft.settings.shards = count
        }
        effect.render = { $0.shards.map { ["\($0)"] } ?? [] }
        return effect
    }

    private static func eviction() -> OptionEffect {
        let names = EvictionPolicy.allCases.map(\.rawValue).joined(separator: " or ")
        var effect = OptionEffect(valueUse: .required, allowed: names, allowedInHelp: names)
        effect.apply = { (occurrence, draft) throws(UsageError) in
            guard let policy = EvictionPolicy(rawValue: occurrence.value ?? "") else {
                throw occurrence.notAllowed(names)
            }
            draft.settings.eviction = policy
        }
        effect.render = { [$0.eviction.rawValue] }
        return effect
    }

    private static func hashSeed() -> OptionEffect {
        var effect = OptionEffect(valueUse: .required)
        effect.apply = { (occurrence, draft) throws(UsageError) in
            guard let seed = OptionValue.unsigned64(occurrence.value ?? "") else {
                throw occurrence.notAllowed("0 to \(UInt64.max), or 0x and hexadecimal digits")
            }
            draft.settings.hashSeed = seed
        }
        effect.render = { $0.hashSeed.map { ["\($0)"] } }
        return effect
    }

    private static func maxEntries() -> OptionEffect {
        let range = 0...SettingsLimits.maxEntriesMax
        var effect = OptionEffect.wholeNumber(range)
        effect.apply = { (occurrence, draft) throws(UsageError) in
            let count = try OptionEffect.integer(occurrence, in: range)
            draft.settings.maxEntries = count == 0 ? nil : count
        }
        effect.render = { ["\($0.maxEntries ?? 0)"] }
        return effect
    }

    private static func defaultTTL() -> OptionEffect {
        let range = 0...SettingsLimits.int32Max
        var effect = OptionEffect.wholeNumber(range)
        effect.apply = { (occurrence, draft) throws(UsageError) in
            let seconds = try OptionEffect.integer(occurrence, in: range)
            draft.settings.defaultTTLSeconds = UInt32(clamping: seconds)
        }
        effect.render = { ["\($0.defaultTTLSeconds)"] }
        return effect
    }
}
