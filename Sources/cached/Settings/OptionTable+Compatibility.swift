extension OptionTable {
    /// What memcached 1.6.18 and 1.6.45 take and this daemon has no use for. Each is checked as
    /// memcached does, then either overlooked with one warning or refused by name.
    static let compatibility: [OptionDefinition] =
        [extended] + legacyFlags + lruSwitches + overlooked + absent

    private static let extended = OptionDefinition(
        "o", "extended", group: .compatibility, placeholder: "LIST",
        effect: OptionEffect(valueUse: .required, outcome: .subOptions, isRepeatable: true),
        help: "memcached's suboptions, with commas between them: -o idle_timeout=60,modern")

    private static let sizeClasses = "size classes are fixed and near-linear"
    private static let pageMoves = "pages move between size classes by themselves"
    private static let oneList = "there is one exact LRU list per shard, without segments"
    private static let noCrawler = "expired items are reclaimed without a crawler"
    private static let ownIndex = "the index grows by itself, step by step"
    private static let noLogBuffers = "lines go to the watchers' buffers without another between"
    private static let oneBudget = "-m bounds the connections' buffers too"
    private static let noSandbox = "use -u and the service manager to drop privileges"
    private static let noInline = "memcached itself has no such setting any more"

    private static let legacyFlags: [OptionDefinition] = [
        ignoredFlag(
            "f", "slab-growth-factor", .decimal(above: 1, upTo: .infinity), sizeClasses),
        ignoredFlag("n", "slab-min-size", .integer(1...SettingsLimits.int32Max), sizeClasses),
        ignoredFlag("L", "enable-largepages", .none, "pages are the kernel's to choose"),
        ignoredFlag(
            "N", "napi-ids", .integer(1...SettingsLimits.int32Max),
            "a connection goes to the thread with the fewest"),
        unsupportedFlag("e", "memory-file", .required, "a restart starts with an empty cache"),
    ]

    private static let lruSwitches: [OptionDefinition] = [
        lruSwitch(
            "lru_crawler", \.lruCrawlerEnabled,
            "switches dumps and crawls only: expired items are reclaimed without a crawler"),
        lruSwitch(
            "lru_maintainer", \.lruMaintainerEnabled,
            "changes only what 'stats' lists: \(oneList)"),
        OptionDefinition(
            subOption: "no_modern", group: .compatibility, isHidden: true, effect: noModern()),
        // What these two ask for is what there is, in memcached as here.
        OptionDefinition(
            subOption: "modern", group: .compatibility, isHidden: true,
            effect: OptionEffect(valueUse: .never)),
        OptionDefinition(
            subOption: "no_drop_privileges", group: .compatibility, isHidden: true,
            effect: OptionEffect(valueUse: .never)),
    ]

    private static let overlooked: [OptionDefinition] = [
        ignored("hashpower", .integer(12...32), ownIndex),
        ignored("no_hashexpand", .none, ownIndex),
        ignored("hash_algorithm", .choice(["jenkins", "murmur3", "xxh3"]), "the hash is SipHash"),
        ignored("slab_reassign", .none, pageMoves),
        ignored("no_slab_reassign", .none, pageMoves),
        ignored("slab_automove", .optionalInteger(0...2), pageMoves),
        ignored("no_slab_automove", .none, pageMoves),
        ignored("slab_automove_ratio", .decimal(above: 0, upTo: 1), pageMoves),
        ignored("slab_automove_window", .integer(3...1800), pageMoves),
        ignored("slab_automove_freeratio", .decimal(above: 0, upTo: 1), pageMoves),
        ignored("slab_sizes", .text, sizeClasses),
        ignored("slab_chunk_max", .integer(1...1024), sizeClasses),
        ignored("no_chunked_items", .none, sizeClasses),
        ignored("tail_repair_time", .integer(10...SettingsLimits.int32Max), oneList),
        ignored("hot_lru_pct", .integer(1...79), oneList),
        ignored("warm_lru_pct", .integer(1...79), oneList),
        ignored("hot_max_factor", .decimal(above: 0, upTo: .infinity), oneList),
        ignored("warm_max_factor", .decimal(above: 0, upTo: .infinity), oneList),
        ignored("temporary_ttl", .integer(0...SettingsLimits.int32Max), oneList),
        ignored("lru_crawler_sleep", .integer(0...1_000_000), noCrawler),
        ignored("lru_crawler_tocrawl", .integer(0...4_294_967_295), noCrawler),
        ignored("worker_logbuf_size", .integer(0...4_294_967_295), noLogBuffers),
        ignored("read_buf_mem_limit", .integer(0...4_294_967_295), oneBudget),
        ignored("resp_obj_mem_limit", .optionalText, oneBudget),
        ignored("inline_ascii_resp", .none, noInline),
        ignored("no_inline_ascii_resp", .none, noInline),
        ignored("drop_privileges", .none, noSandbox),
        ignored("relaxed_privileges", .none, noSandbox),
        ignored("sock_cookie_id", .integer(0...4_294_967_295), "sockets are not marked"),
    ]

    private static let noStorage = "there is no external storage"
    private static let noProxy = "there is no proxy"

    private static let absent: [OptionDefinition] =
        [
            "ext_path", "ext_page_size", "ext_wbuf_size", "ext_threads", "ext_io_depth",
            "ext_item_size", "ext_item_age", "ext_low_ttl", "ext_recache_rate",
            "ext_compact_under", "ext_drop_under", "ext_max_sleep", "ext_max_frag",
            "ext_drop_unread",
        ].map { unsupported($0, noStorage) }
        + ["proxy_config", "proxy_arg", "proxy_uring", "proxy_memprofile"].map {
            unsupported($0, noProxy)
        }
}

// MARK: Rows by kind

extension OptionTable {
    private static func ignoredFlag(
        _ short: Character, _ name: String, _ check: IgnoredValue, _ why: String
    ) -> OptionDefinition {
        OptionDefinition(
            short, name, group: .compatibility, isHidden: true, effect: .ignored(check, why: why))
    }

    private static func unsupportedFlag(
        _ short: Character, _ name: String, _ valueUse: OptionEffect.ValueUse, _ why: String
    ) -> OptionDefinition {
        OptionDefinition(
            short, name, group: .compatibility, isHidden: true,
            effect: .unsupported(valueUse, why: why))
    }

    private static func ignored(
        _ name: String, _ check: IgnoredValue, _ why: String
    ) -> OptionDefinition {
        OptionDefinition(
            subOption: name, group: .compatibility, isHidden: true,
            effect: .ignored(check, why: why))
    }

    private static func unsupported(_ name: String, _ why: String) -> OptionDefinition {
        OptionDefinition(
            subOption: name, group: .compatibility, isHidden: true,
            effect: .unsupported(.optional, why: why))
    }

    /// A thread of memcached's that has no counterpart, but whose absence shows in `stats`.
    private static func lruSwitch(
        _ name: String, _ key: OptionEffect.Key<Bool>, _ why: String
    ) -> OptionDefinition {
        var effect = OptionEffect.flag(key, warning: why)
        effect.outcome = .ignored(why: why)
        // Written only when it differs, so that feeding the file back does not warn for nothing.
        effect.render = { $0[keyPath: key] ? nil : ["no"] }
        let longName = String(name.map { $0 == "_" ? "-" : $0 })
        return OptionDefinition(
            nil, longName, subOption: name, negatedSubOption: "no_" + name,
            group: .compatibility, isHidden: true, effect: effect)
    }

    private static func noModern() -> OptionEffect {
        let why = "of memcached 1.4's ways there are no_maxconns_fast and no_lru_crawler here"
        var effect = OptionEffect(valueUse: .never, outcome: .ignored(why: why))
        effect.apply = { (occurrence, draft) throws(UsageError) in
            draft.settings.maxConnectionsFast = false
            draft.settings.lruCrawlerEnabled = false
            draft.settings.lruMaintainerEnabled = false
            draft.warn(occurrence, why)
        }
        return effect
    }
}
