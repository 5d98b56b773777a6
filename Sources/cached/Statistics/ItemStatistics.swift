import CacheEngine
import Protocol

/// `stats items` and `stats slabs`: by size class, under memcached's names. There is one LRU list
/// for all classes here, so all of it is "cold" and its age is that of the whole cache.
extension Connection {
    func itemStatistics(_ context: inout WorkerContext) {
        let engine = context.engine.statistics(at: context.now)
        for entry in engine.classes where entry.items > 0 {
            let rows: [(String, UInt64)] = [
                ("number", UInt64(clamping: entry.items)), ("number_hot", 0),
                ("number_warm", 0), ("number_cold", UInt64(clamping: entry.items)),
                ("age_hot", 0), ("age_warm", 0), ("age", engine.oldestAgeSeconds),
                ("mem_requested", UInt64(clamping: entry.bytes)), ("evicted", entry.evicted),
                ("evicted_nonzero", entry.evictedWithTTL), ("evicted_time", 0),
                ("outofmemory", entry.outOfMemory), ("tailrepairs", 0),
                ("reclaimed", entry.reclaimed), ("expired_unfetched", entry.expiredUnfetched),
                ("evicted_unfetched", entry.evictedUnfetched), ("evicted_active", 0),
                ("crawler_reclaimed", entry.crawlReclaimed),
                ("crawler_items_checked", entry.crawled),
                ("lrutail_reflocked", 0), ("moves_to_cold", 0), ("moves_to_warm", 0),
                ("moves_within_lru", 0), ("direct_reclaims", 0), ("hits_to_hot", 0),
                ("hits_to_warm", 0), ("hits_to_cold", entry.getHits), ("hits_to_temp", 0),
            ]
            for (name, value) in rows {
                context.appendStat("items:\(entry.number):\(name)", String(value))
            }
        }
        context.endStatistics()
    }

    func slabStatistics(_ context: inout WorkerContext) {
        let engine = context.engine.statistics(at: context.now)
        for entry in engine.classes {
            let rows: [(String, UInt64)] = [
                ("chunk_size", UInt64(clamping: entry.chunkBytes)),
                ("chunks_per_page", UInt64(clamping: entry.chunksPerPage)),
                ("total_pages", UInt64(clamping: entry.pages)),
                ("total_chunks", UInt64(clamping: entry.pages * entry.chunksPerPage)),
                ("used_chunks", UInt64(clamping: entry.usedChunks)),
                ("free_chunks", UInt64(clamping: entry.freeChunks)), ("free_chunks_end", 0),
                ("get_hits", entry.getHits), ("cmd_set", entry.sets),
                ("delete_hits", entry.deleteHits), ("incr_hits", entry.incrementHits),
                ("decr_hits", entry.decrementHits), ("cas_hits", entry.casHits),
                ("cas_badval", entry.casMismatches), ("touch_hits", entry.touchHits),
            ]
            for (name, value) in rows {
                context.appendStat("\(entry.number):\(name)", String(value))
            }
        }
        context.appendStat("active_slabs", String(engine.classes.count))
        context.appendStat("total_malloced", String(engine.pageBytes))
        context.endStatistics()
    }
}
