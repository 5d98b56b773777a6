import CacheEngine
import Glibc
import Protocol
import Synchronization

/// `stats`: memcached's names in memcached's order, so that exporters and dashboards keep working.
/// What this engine does not have is told as memcached tells it when it has nothing to count.
extension Connection {
    func generalStatistics(_ context: inout WorkerContext) {
        let server = context.server
        let engine = context.engine.statistics(at: context.now)
        processStatistics(&context)
        connectionCounts(&context)
        commandStatistics(server.counters, &context)
        func add(_ name: String, _ value: some CustomStringConvertible) {
            context.appendStat(name, value.description)
        }
        add("limit_maxbytes", context.engine.memoryLimitBytes)
        add("accepting_conns", server.isAccepting.load(ordering: .relaxed) ? 1 : 0)
        add("listen_disabled_num", server.listenDisabledCount.load(ordering: .relaxed))
        add("time_in_listen_disabled_us", server.listenDisabledUs.load(ordering: .relaxed))
        add("threads", server.workers.count)
        add("conn_yields", server.counters.connectionYields)
        add("hash_power_level", Int.bitWidth - 1 - max(1, engine.buckets).leadingZeroBitCount)
        add("hash_bytes", engine.indexBytes)
        add("hash_is_expanding", 0)
        add("slab_reassign_rescues", engine.movedChunks)
        add("slab_reassign_chunk_rescues", 0)
        add("slab_reassign_inline_reclaim", 0)
        add("slab_reassign_busy_items", 0)
        add("slab_reassign_busy_deletes", 0)
        add("slab_reassign_busy_nomem", 0)
        add("slab_reassign_last_busy_status", "none")
        add("slab_reassign_running", 0)
        add("slabs_moved", engine.movedPages)
        if server.crawler.isEnabled {
            add("lru_crawler_running", min(1, server.crawler.running.load(ordering: .relaxed)))
            add("lru_crawler_starts", server.crawler.starts.load(ordering: .relaxed))
        }
        if server.settings.lruMaintainerEnabled { add("lru_maintainer_juggles", 0) }
        add("malloc_fails", 0)
        add("log_worker_dropped", server.watchers.dropped.load(ordering: .relaxed))
        add("log_worker_written", server.watchers.written.load(ordering: .relaxed))
        add("log_watcher_skipped", server.watchers.skipped.load(ordering: .relaxed))
        add("log_watcher_sent", server.watchers.sent.load(ordering: .relaxed))
        add("log_watchers", server.watchers.count)
        for (name, value) in server.tls?.statistics() ?? [] { add(name, value) }
        add("unexpected_napi_ids", 0)
        add("round_robin_fallback", 0)
        storageStatistics(engine, &context)
        context.endStatistics()
    }

    private func processStatistics(_ context: inout WorkerContext) {
        func add(_ name: String, _ value: some CustomStringConvertible) {
            context.appendStat(name, value.description)
        }
        let clock = context.server.clock
        add("pid", getpid())
        add("uptime", clock.uptimeSeconds(at: context.now))
        add("time", Clock.wallSeconds())
        add("version", memcachedCompatibleVersion)
        // There is no libevent; the name stays because parsers expect it.
        add("libevent", "none")
        add("pointer_size", 64)
        var usage = rusage()
        unsafe getrusage(RUSAGE_SELF.rawValue, &usage)
        add("rusage_user", ProcessTime(usage.ru_utime))
        add("rusage_system", ProcessTime(usage.ru_stime))
    }

    private func connectionCounts(_ context: inout WorkerContext) {
        let server = context.server
        func add(_ name: String, _ value: some CustomStringConvertible) {
            context.appendStat(name, value.description)
        }
        let current = server.currentConnections.load(ordering: .relaxed)
        add("max_connections", server.settings.maxConnections)
        add("curr_connections", current)
        add("total_connections", server.totalSinceReset)
        // memcached leaves it out when it never rejects.
        if server.settings.maxConnectionsFast {
            add("rejected_connections", server.rejectedSinceReset)
        }
        add("connection_structures", current)
        add("response_obj_oom", 0)
        add("response_obj_count", 0)
        add("response_obj_bytes", 0)
        add("read_buf_count", server.workers.count)
        add("read_buf_bytes", server.workers.count * Worker.readBufferBytes)
        add("read_buf_bytes_free", 0)
        add("read_buf_oom", 0)
        add("reserved_fds", 4 * server.workers.count + 8)
        if server.settings.idleTimeoutSeconds > 0 {
            add("idle_kicks", server.counters.idleKicks)
        }
        if server.authenticator != nil { add("auth_timeouts", server.counters.authTimeouts) }
    }

    private func commandStatistics(
        _ counters: CommandCounters, _ context: inout WorkerContext
    ) {
        let rows: [(String, UInt64)] = [
            ("cmd_get", counters.getCommands), ("cmd_set", counters.setCommands),
            ("cmd_flush", counters.flushCommands), ("cmd_touch", counters.touchCommands),
            ("cmd_meta", counters.metaCommands), ("get_hits", counters.getHits),
            ("get_misses", counters.getMisses),
            ("get_expired", counters.getExpired), ("get_flushed", counters.getFlushed),
            ("delete_misses", counters.deleteMisses), ("delete_hits", counters.deleteHits),
            ("incr_misses", counters.incrementMisses), ("incr_hits", counters.incrementHits),
            ("decr_misses", counters.decrementMisses), ("decr_hits", counters.decrementHits),
            ("cas_misses", counters.casMisses), ("cas_hits", counters.casHits),
            ("cas_badval", counters.casMismatches), ("touch_hits", counters.touchHits),
            ("touch_misses", counters.touchMisses),
            ("store_too_large", counters.storeTooLarge),
            ("store_no_memory", counters.storeNoMemory),
            ("auth_cmds", counters.authCommands), ("auth_errors", counters.authErrors),
            ("bytes_read", counters.bytesRead), ("bytes_written", counters.bytesWritten),
        ]
        for (name, value) in rows {
            context.appendStat(name, String(value))
        }
    }

    private func storageStatistics(
        _ engine: EngineStatistics, _ context: inout WorkerContext
    ) {
        let rows: [(String, UInt64)] = [
            ("bytes", UInt64(clamping: engine.bytes)),
            ("curr_items", UInt64(clamping: engine.items)), ("total_items", engine.totalItems),
            ("slab_global_page_pool", 0), ("expired_unfetched", engine.expiredUnfetched),
            ("evicted_unfetched", engine.evictedUnfetched), ("evicted_active", 0),
            // A culled item made room for another, as an evicted one does.
            ("evictions", engine.evicted + engine.culled), ("reclaimed", engine.expired),
            ("crawler_reclaimed", engine.crawlReclaimed),
            ("crawler_items_checked", engine.crawled), ("lrutail_reflocked", 0),
            ("moves_to_cold", 0), ("moves_to_warm", 0), ("moves_within_lru", 0),
            ("direct_reclaims", 0), ("lru_bumps_dropped", 0),
        ]
        // memcached leaves some out without its LRU maintainer.
        let ofMaintainer: Set<String> = [
            "evicted_active", "moves_to_cold", "moves_to_warm", "moves_within_lru",
            "direct_reclaims", "lru_bumps_dropped",
        ]
        let isComplete = context.server.settings.lruMaintainerEnabled
        for (name, value) in rows where isComplete || !ofMaintainer.contains(name) {
            context.appendStat(name, String(value))
        }
    }
}

/// Seconds with six decimals, as memcached prints processor time.
private struct ProcessTime: CustomStringConvertible {
    let description: String

    init(_ time: timeval) {
        let digits = String(time.tv_usec)
        let padding = String(repeating: "0", count: max(0, 6 - digits.utf8.count))
        description = "\(time.tv_sec).\(padding)\(digits)"
    }
}
