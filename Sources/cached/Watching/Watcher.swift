import Protocol
import Synchronization

/// One connection that watches: the lines it has not been sent yet, a bounded number of bytes.
/// Any thread adds to them; the connection's own worker takes them.
final class Watcher: Sendable {
    let streams: WatchStreams
    /// Bytes of lines that wait at most.
    let limitBytes: Int
    private let worker: WorkerShared
    private let backlog = Locked<Backlog>(Backlog())
    /// The worker knows that there are lines.
    private let isAnnounced = Atomic<Bool>(false)

    private struct Backlog: ~Copyable {
        var lines = ByteBuffer(capacity: 64)
        /// Lines that there was no room for since the last one that there was room for.
        var skipped: UInt64 = 0
    }

    /// `skipped=` and 20 digits.
    private static let skippedLineBytes = 29

    init(streams: WatchStreams, limitBytes: Int, worker: WorkerShared) {
        self.streams = streams
        self.limitBytes = limitBytes
        self.worker = worker
    }

    /// Adds a line, and lets the worker know. False if there is no room for it.
    func offer(_ line: Span<UInt8>) -> Bool {
        let isTaken = backlog.withLock { backlog -> Bool in
            let added = line.count + (backlog.skipped > 0 ? Watcher.skippedLineBytes : 0)
            guard backlog.lines.count + added <= limitBytes else {
                backlog.skipped += 1
                return false
            }
            if backlog.skipped > 0 {
                backlog.lines.append("skipped=")
                backlog.lines.appendDecimal(backlog.skipped)
                backlog.lines.append(UInt8(ascii: "\n"))
                backlog.skipped = 0
            }
            backlog.lines.append(line)
            return true
        }
        if isTaken, !isAnnounced.exchange(true, ordering: .acquiringAndReleasing) {
            worker.announceEvents()
        }
        return isTaken
    }

    /// Moves all lines behind what is in `output`.
    func drain(into output: inout ByteBuffer) {
        // Before the lines are taken: one that comes behind them is announced again.
        isAnnounced.store(false, ordering: .sequentiallyConsistent)
        backlog.withLock { backlog in
            output.append(backlog.lines.bytes)
            backlog.lines.removeAll()
        }
    }
}
