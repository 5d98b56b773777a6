import Protocol
import Synchronization

/// `stats detail`: counts by the part of the key before a delimiter. It holds
/// `ServerLimits.detailPrefixes` prefixes at most; what comes later is not counted.
final class PrefixStatistics: Sendable {
    private struct Counts {
        var gets: UInt64 = 0
        var hits: UInt64 = 0
        var sets: UInt64 = 0
        var deletes: UInt64 = 0
    }

    enum Event { case hit, miss, set, delete }

    private let delimiter: UInt8
    private let counts = Locked<[[UInt8]: Counts]>([:])
    private let enabled: Atomic<Bool>

    init(delimiter: UInt8, isOn: Bool) {
        self.delimiter = delimiter
        enabled = Atomic(isOn)
    }

    var isOn: Bool {
        get { enabled.load(ordering: .relaxed) }
        set { enabled.store(newValue, ordering: .relaxed) }
    }

    /// Counts an event. A key without the delimiter has no prefix, and is not counted; nor is one
    /// whose prefix could end its line.
    func record(_ event: Event, key: Span<UInt8>) {
        var length = 0
        while length < key.count, key[length] != delimiter { length += 1 }
        guard length < key.count, length <= ServerLimits.detailPrefixBytes else {
            return
        }
        guard TextParser.isKey(key.extracting(0..<length)) else { return }
        let prefix = (0..<length).map { key[$0] }
        counts.withLock { counts in
            guard counts[prefix] != nil || counts.count < ServerLimits.detailPrefixes else {
                return
            }
            switch event {
            case .hit:
                counts[prefix, default: Counts()].gets += 1
                counts[prefix, default: Counts()].hits += 1
            case .miss: counts[prefix, default: Counts()].gets += 1
            case .set: counts[prefix, default: Counts()].sets += 1
            case .delete: counts[prefix, default: Counts()].deletes += 1
            }
        }
    }

    func removeAll() { counts.withLock { $0.removeAll() } }

    func dump(into output: inout ByteBuffer) {
        counts.withLock { counts in
            for (prefix, count) in counts.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                output.append("PREFIX ")
                output.append(prefix.span)
                output.append(
                    " get \(count.gets) hit \(count.hits) set \(count.sets) del \(count.deletes)\r\n"
                )
            }
        }
        output.append(TextReply.end)
    }
}
