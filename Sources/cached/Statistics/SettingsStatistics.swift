import CacheEngine
import Protocol
import Synchronization

/// `stats settings`: memcached's names in memcached's order. Settings of things that this engine
/// does not have tell memcached's value for "off" or its default.
extension Connection {
    func settingsStatistics(_ context: inout WorkerContext) {
        let settings = context.server.settings
        let engine = context.engine
        let tuning = context.server.tuning.withLock { $0 }
        let interfaces = settings.listeners.map(\.hostText).joined(separator: ",")
        var rows: [(String, String)] = [
            ("maxbytes", String(engine.memoryLimitBytes)),
            ("maxconns", String(settings.maxConnections)),
            ("tcpport", String(settings.listeners.isEmpty ? 0 : settings.port)),
            ("udpport", "0"),
            ("inter", interfaces.isEmpty ? "NULL" : interfaces),
            ("verbosity", String(Log.verbosity.load(ordering: .relaxed))),
            ("oldest", "0"),
            ("evictions", settings.evictionDisabled ? "off" : "on"),
            ("domain_socket", settings.unixSocketPath ?? "NULL"),
            ("umask", String(settings.unixSocketMode, radix: 8)),
            ("shutdown_command", yesNo(settings.shutdownCommandEnabled)),
            ("growth_factor", "1.06"),
            ("chunk_size", "16"),
            ("num_threads", String(settings.workerThreads)),
            ("num_threads_per_udp", "0"),
            ("stat_key_prefix", String(UnicodeScalar(settings.prefixDelimiter))),
            ("detail_enabled", yesNo(context.server.prefixes.isOn)),
            ("reqs_per_event", String(settings.requestsPerEvent)),
            ("cas_enabled", yesNo(!settings.casDisabled)),
            ("tcp_backlog", String(settings.backlog)),
            ("binding_protocol", settings.bindingProtocol.statisticsName),
            ("auth_enabled_sasl", yesNo(settings.saslEnabled)),
            ("auth_enabled_ascii", settings.authFilePath ?? "no"),
            ("item_size_max", String(settings.maxItemSizeBytes)),
            ("maxconns_fast", yesNo(settings.maxConnectionsFast)),
            ("hashpower_init", "0"),
            ("slab_reassign", "yes"),
            ("slab_automove", "1"),
            ("slab_automove_ratio", RememberedTuning.fixed(tuning.automoveRatio, decimals: 2)),
            ("slab_automove_window", String(tuning.automoveWindow)),
            ("slab_chunk_max", String(engine.largestChunkBytes)),
            ("lru_crawler", yesNo(context.server.crawler.isEnabled)),
            ("lru_crawler_sleep", String(tuning.crawlerSleepMicroseconds)),
            ("lru_crawler_tocrawl", String(tuning.crawlerToCrawl)),
            ("tail_repair_time", "0"),
            ("flush_enabled", yesNo(!settings.flushDisabled)),
            ("dump_enabled", yesNo(!settings.dumpDisabled)),
            ("hash_algorithm", "siphash13"),
            ("lru_maintainer_thread", yesNo(settings.lruMaintainerEnabled)),
            ("lru_segmented", "no"),
            ("hot_lru_pct", String(tuning.hotPercent)),
            ("warm_lru_pct", String(tuning.warmPercent)),
            ("hot_max_factor", RememberedTuning.fixed(tuning.hotFactor, decimals: 2)),
            ("warm_max_factor", RememberedTuning.fixed(tuning.warmFactor, decimals: 2)),
            ("temp_lru", "no"),
            ("temporary_ttl", "0"),
            ("idle_timeout", String(settings.idleTimeoutSeconds)),
            ("watcher_logbuf_size", String(settings.watcherBufferBytes)),
            ("worker_logbuf_size", "0"),
            ("read_buf_mem_limit", "0"),
            ("track_sizes", yesNo(settings.trackSizes)),
            ("inline_ascii_response", "no"),
            ("ext_item_size", "512"),
            ("ext_item_age", "4294967295"),
            ("ext_low_ttl", "0"),
            ("ext_recache_rate", "2000"),
            ("ext_wbuf_size", "4194304"),
            ("ext_compact_under", "0"),
            ("ext_drop_under", "0"),
            ("ext_max_sleep", "1000000"),
            ("ext_max_frag", "0.80"),
            (
                "slab_automove_freeratio",
                RememberedTuning.fixed(tuning.automoveFreeRatio, decimals: 3)
            ),
            ("ext_drop_unread", "no"),
        ]
        if TLSSettings.isAvailable { rows += settings.tls.statistics }
        rows += [
            ("num_napi_ids", "0"),
            ("memory_file", "(null)"),
            ("client_flags_size", "4"),
            // Ours, behind memcached's.
            ("cached_version", cachedVersion),
            ("eviction_policy", settings.eviction.rawValue),
            ("max_entries", settings.maxEntries.map(String.init) ?? "0"),
            ("cull_frequency", String(settings.cullFrequency)),
            ("default_ttl", String(settings.defaultTTLSeconds)),
            ("dummy", yesNo(settings.dummy)),
            ("shards", String(engine.shardCount)),
        ]
        for (name, value) in rows { context.appendStat(name, value) }
        context.endStatistics()
    }
}
