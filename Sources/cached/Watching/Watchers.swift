import CacheEngine
import Protocol
import Synchronization

/// Every connection that watches, and the counters that `stats` has of them.
///
///     worker, maintenance ──line──► Watchers ──► Watcher (backlog) ──► its worker ──► socket
///
/// A line is made once and copied to each backlog. Whoever is slow loses lines, is told how many,
/// and holds up nobody. Nothing of this happens, or costs anything, while nobody watches.
final class Watchers: Sendable {
    private let engine: CacheEngine
    private let members = Locked<[Watcher]>([])
    /// The streams that anyone watches.
    private let watched = Atomic<UInt8>(0)
    /// Numbers the lines, so that they can be put in order.
    private let lastLine = Atomic<UInt64>(0)
    /// Lines made, and events of which none was.
    let written = Atomic<UInt64>(0)
    let dropped = Atomic<UInt64>(0)
    /// Lines that watchers were given, and that there was no room for.
    let sent = Atomic<UInt64>(0)
    let skipped = Atomic<UInt64>(0)

    init(engine: CacheEngine) { self.engine = engine }

    var streams: WatchStreams {
        WatchStreams(rawValue: watched.load(ordering: .relaxed))
    }

    var count: Int { members.withLock { $0.count } }

    /// False if there are as many as there may be.
    func add(_ watcher: Watcher) -> Bool {
        members.withLock { members in
            guard members.count < ServerLimits.watchers else { return false }
            members.append(watcher)
            update(members)
            return true
        }
    }

    func remove(_ watcher: Watcher) {
        members.withLock { members in
            members.removeAll { $0 === watcher }
            update(members)
        }
    }

    /// Sees to it that what is watched is told, and nothing else.
    private func update(_ members: [Watcher]) {
        let before = streams
        let now = members.reduce(WatchStreams()) { $0.union($1.streams) }
        watched.store(now.rawValue, ordering: .relaxed)
        if before.contains(.evictions) != now.contains(.evictions) {
            engine.logEvictions(now.contains(.evictions))
        }
    }

    /// Makes a line, behind the words that every line begins with, for all who watch `stream`.
    func tell(_ stream: WatchStreams, _ body: (inout ByteBuffer) -> Void) {
        let interested = members.withLock { $0.filter { $0.streams.contains(stream) } }
        guard !interested.isEmpty else { return }
        var line = ByteBuffer(capacity: 512)
        let microseconds = Clock.wallMicroseconds()
        line.append("ts=")
        line.appendSigned(microseconds / 1_000_000)
        line.append(UInt8(ascii: "."))
        line.appendSigned(microseconds % 1_000_000)
        line.append(" gid=")
        line.appendDecimal(lastLine.add(1, ordering: .relaxed).newValue)
        body(&line)
        line.append(UInt8(ascii: "\n"))
        written.add(1, ordering: .relaxed)
        for watcher in interested {
            if watcher.offer(line.bytes) {
                sent.add(1, ordering: .relaxed)
            } else {
                skipped.add(1, ordering: .relaxed)
            }
        }
    }

    /// Tells what was evicted since the last time.
    func tellEvictions() {
        let lost = engine.takeEvictions { item in
            tell(.evictions) { line in
                line.append(" type=eviction key=")
                line.appendURIEncoded(item.key.span)
                line.append(item.isFetched ? " fetch=yes ttl=" : " fetch=no ttl=")
                line.appendSigned(item.remainingMilliseconds.map { $0 / 1000 } ?? -1)
                line.append(" la=")
                line.appendSigned(item.idleMilliseconds / 1000)
                line.appendClassAndSize(item.classNumber, item.valueLength)
            }
        }
        dropped.add(lost, ordering: .relaxed)
    }

    /// Begins to count anew.
    func resetCounters() {
        written.store(0, ordering: .relaxed)
        dropped.store(0, ordering: .relaxed)
        sent.store(0, ordering: .relaxed)
        skipped.store(0, ordering: .relaxed)
    }
}

extension ByteBuffer {
    /// ` clsid=<number> size=<bytes>`, with which the lines about items end.
    mutating func appendClassAndSize(_ classNumber: Int, _ valueLength: Int) {
        append(" clsid=")
        appendDecimal(UInt64(clamping: classNumber))
        append(" size=")
        appendDecimal(UInt64(clamping: valueLength))
    }
}
