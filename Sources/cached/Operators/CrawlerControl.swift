import Synchronization

/// What stands for memcached's LRU crawler: the passes of the maintenance thread, the ones that
/// `lru_crawler crawl` asks for, and the dumps.
final class CrawlerControl: Sendable {
    private enum Crawl: Int { case none, requested, running }

    /// Crawls and dumps are served. Reclaiming goes on either way: it costs little.
    private let enabled: Atomic<Bool>
    private let crawl = Atomic<Int>(Crawl.none.rawValue)
    /// Passes and dumps since the start or `stats reset`, and those under way.
    let starts = Atomic<UInt64>(0)
    let running = Atomic<Int>(0)

    init(isEnabled: Bool) { enabled = Atomic(isEnabled) }

    var isEnabled: Bool { enabled.load(ordering: .relaxed) }

    /// False if it was enabled already, as memcached cannot start its thread twice.
    func enable() -> Bool { !enabled.exchange(true, ordering: .relaxed) }

    func disable() { enabled.store(false, ordering: .relaxed) }

    /// Asks for a pass over everything. False while one that was asked for is not complete.
    func requestCrawl() -> Bool {
        crawl.compareExchange(
            expected: Crawl.none.rawValue, desired: Crawl.requested.rawValue,
            ordering: .relaxed
        ).exchanged
    }

    var isCrawlRequested: Bool { crawl.load(ordering: .relaxed) == Crawl.requested.rawValue }

    /// A pass, or a dump, begins.
    func begin() {
        starts.add(1, ordering: .relaxed)
        running.add(1, ordering: .relaxed)
    }

    func end() { running.subtract(1, ordering: .relaxed) }

    /// A pass begins; if one was asked for, it is this one.
    func beginPass() {
        begin()
        _ = crawl.compareExchange(
            expected: Crawl.requested.rawValue, desired: Crawl.running.rawValue,
            ordering: .relaxed)
    }

    func endPass() {
        end()
        _ = crawl.compareExchange(
            expected: Crawl.running.rawValue, desired: Crawl.none.rawValue, ordering: .relaxed)
    }
}
