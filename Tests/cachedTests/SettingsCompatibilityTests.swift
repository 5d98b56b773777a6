import Testing

@testable import cached

/// Every flag and suboption of memcached 1.6.45 and 1.6.18, and what becomes of it here.
@Suite struct SettingsCompatibilityTests {
    enum Fate: Sendable { case accepted, warned, refused, page }

    static let flags: [(short: String, long: String, value: String?, fate: Fate)] = [
        ("a", "unix-mask", "700", .accepted), ("A", "enable-shutdown", nil, .accepted),
        ("b", "listen-backlog", "1024", .accepted), ("B", "protocol", "auto", .accepted),
        ("c", "conn-limit", "1024", .accepted), ("C", "disable-cas", nil, .accepted),
        ("d", "daemon", nil, .accepted), ("D", "", ":", .accepted),
        ("e", "memory-file", "/tmp/x", .refused), ("f", "slab-growth-factor", "1.25", .warned),
        ("F", "disable-flush-all", nil, .accepted), ("h", "help", nil, .page),
        ("i", "license", nil, .page), ("I", "max-item-size", "1m", .accepted),
        ("k", "lock-memory", nil, .accepted), ("l", "listen", "127.0.0.1", .accepted),
        ("L", "enable-largepages", nil, .warned), ("m", "memory-limit", "64", .accepted),
        ("M", "disable-evictions", nil, .accepted), ("n", "slab-min-size", "48", .warned),
        ("N", "napi-ids", "1", .warned), ("o", "extended", "modern", .accepted),
        ("p", "port", "11211", .accepted), ("P", "pidfile", "/tmp/x", .accepted),
        ("r", "enable-coredumps", nil, .accepted), ("R", "max-reqs-per-event", "20", .accepted),
        ("s", "unix-socket", "/tmp/x", .accepted),
        ("t", "threads", "4", .accepted), ("u", "user", "nobody", .accepted),
        ("U", "udp-port", "0", .accepted), ("U", "udp-port", "11211", .warned),
        ("v", "verbose", nil, .accepted), ("V", "version", nil, .page),
        ("W", "disable-watch", nil, .accepted), ("X", "disable-dumping", nil, .accepted),
        ("Y", "auth-file", "/tmp/x", .accepted), ("Z", "enable-ssl", nil, .refused),
    ]

    @Test(arguments: flags)
    func eachFlagHasItsFate(_ short: String, _ long: String, _ value: String?, _ fate: Fate) throws
    {
        let values = value.map { [$0] } ?? []
        try check(["-\(short)"] + values, fate)
        if !long.isEmpty { try check(["--\(long)"] + values, fate) }
    }

    static let accepted = [
        "maxconns_fast", "no_maxconns_fast", "idle_timeout=0", "track_sizes", "modern",
        "no_drop_privileges", "modern=1", "watcher_logbuf_size=256",
    ]

    static let warned = [
        "hashpower=16", "no_hashexpand", "slab_reassign", "slab_reassign=1", "slab_automove",
        "slab_automove=2", "slab_automove_ratio=0.8", "slab_automove_window=30",
        "slab_automove_freeratio=0.01", "tail_repair_time=10", "hash_algorithm=murmur3",
        "hash_algorithm=jenkins", "hash_algorithm=xxh3", "lru_crawler", "lru_crawler_sleep=100",
        "lru_crawler_tocrawl=0", "lru_maintainer", "hot_lru_pct=20", "warm_lru_pct=40",
        "hot_max_factor=0.2", "warm_max_factor=2.0", "temporary_ttl=61",
        "worker_logbuf_size=64", "slab_sizes=100-200-300",
        "slab_chunk_max=512", "no_inline_ascii_resp", "no_modern", "no_chunked_items",
        "no_slab_reassign", "no_slab_automove", "inline_ascii_resp", "no_lru_crawler",
        "no_lru_maintainer", "drop_privileges", "resp_obj_mem_limit=1", "resp_obj_mem_limit",
        "read_buf_mem_limit=64", "relaxed_privileges", "sock_cookie_id=1",
    ]

    static let refused = [
        "ext_page_size=64", "ext_wbuf_size=4", "ext_threads=1", "ext_io_depth=1",
        "ext_path=/tmp/x:1G", "ext_item_size=512", "ext_item_age=60", "ext_low_ttl=0",
        "ext_recache_rate=2000", "ext_compact_under=1", "ext_drop_under=1", "ext_max_sleep=1000",
        "ext_max_frag=0.8", "ext_drop_unread", "ssl_chain_cert=/tmp/x", "ssl_key=/tmp/x",
        "ssl_verify_mode=0", "ssl_keyformat=1", "ssl_ciphers=x", "ssl_ca_cert=/tmp/x",
        "ssl_wbuf_size=16", "ssl_session_cache", "ssl_kernel_tls", "ssl_min_version=2",
        "proxy_config=routelib", "proxy_arg=x", "proxy_uring", "proxy_memprofile",
    ]

    @Test func eachSubOptionHasItsFate() throws {
        for option in Self.accepted { try check(["-o", option], .accepted) }
        for option in Self.warned { try check(["-o", option], .warned) }
        for option in Self.refused { try check(["-o", option], .refused) }
    }

    /// The lists above and the table name the same suboptions.
    @Test func noSubOptionIsForgotten() {
        let listed = (Self.accepted + Self.warned + Self.refused).map { option in
            String(option.prefix { $0 != "=" })
        }
        let inTable = OptionTable.all.flatMap { [$0.subOption, $0.negatedSubOption] }
        #expect(Set(listed) == Set(inTable.compactMap { $0 }))
    }

    @Test func aWarningComesOncePerOption() throws {
        let run = try SettingsRun.resolve(
            ["-f", "1.1", "-f", "1.2", "-o", "hashpower=20,hashpower=21"],
            file: "slab-growth-factor = 1.3")
        #expect(run.warnings.count == 2)
    }

    @Test func aSwitchWithoutEffectThatIsOffInTheFileDoesNotWarn() throws {
        #expect(try SettingsRun.resolve([], file: "enable-largepages = no").warnings == [])
    }

    private func check(_ arguments: [String], _ fate: Fate) throws {
        if fate == .refused {
            let message = try #require(SettingsRun.refusal(arguments), "\(arguments)")
            #expect(message.contains("not supported"), "\(message)")
            return
        }
        switch try SettingsRun.parse(arguments) {
        case .printAndExit: #expect(fate == .page, "\(arguments)")
        case .run(_, let warnings):
            #expect(fate == (warnings.isEmpty ? .accepted : .warned), "\(arguments)")
            #expect(warnings.count <= 1)
            #expect(warnings.allSatisfy { !$0.contains("\n") && $0.hasPrefix("option ") })
        }
    }
}
