import CacheEngine
import Protocol

/// A dump under way: `lru_crawler metadump` and `mgdump`, `stats cachedump`. It is made a slice at
/// a time, as far as its reader takes it, and holds nothing of the cache in between.
final class Dump {
    let format: DumpFormat
    /// By number; nil: every class.
    private let classes: [Bool]?
    /// What a key has to begin with.
    private let prefix: [UInt8]
    /// Items that may still be told.
    private var itemsLeft: UInt64
    private var cursor = CacheEngine.ScanCursor()

    /// - Parameter limit: items at most.
    init(_ format: DumpFormat, classes: [Bool]?, prefix: [UInt8] = [], limit: UInt64 = .max) {
        self.format = format
        self.classes = classes
        self.prefix = prefix
        itemsLeft = limit
    }

    /// Appends the next few items to `output`; at the end, the end of the reply.
    /// - Returns: false when the dump is complete.
    func appendSlice(
        to output: inout ByteBuffer, _ engine: CacheEngine, hidesCAS: Bool, at now: Instant
    ) -> Bool {
        let wallMs = Clock.wallMicroseconds() / 1000
        let isMore =
            itemsLeft > 0
            && engine.scan(&cursor, at: now) { item in
                guard isWanted(item) else { return }
                itemsLeft -= 1
                append(item, to: &output, hidesCAS: hidesCAS, wallMs: wallMs, at: now)
            }
        if !isMore { output.append(format == .mgdump ? TextReply.metaEnd : TextReply.end) }
        return isMore
    }

    private func isWanted(_ item: borrowing ItemView) -> Bool {
        if itemsLeft == 0 { return false }
        // A key that could end its line, or that no command could name, is left out.
        switch format {
        case .metadump: break
        case .mgdump: guard ByteBuffer.canMgdump(item.key) else { return false }
        case .cachedump:
            guard !item.hasBinaryKey, TextParser.isKey(item.key) else { return false }
        }
        if let classes {
            let number = item.classNumber
            guard number < classes.count, classes[number] else { return false }
        }
        let key = item.key
        guard key.count >= prefix.count else { return false }
        for position in prefix.indices where key[position] != prefix[position] { return false }
        return true
    }

    private func append(
        _ item: borrowing ItemView, to output: inout ByteBuffer, hidesCAS: Bool, wallMs: Int64,
        at now: Instant
    ) {
        let expiresAt = item.expiry.remainingMilliseconds(at: now).map { (wallMs + $0) / 1000 }
        switch format {
        case .metadump:
            output.appendMetadump(
                key: item.key, expiresAt: expiresAt,
                accessedAt: (wallMs - item.idleMilliseconds(at: now)) / 1000,
                cas: hidesCAS ? 0 : item.cas, isFetched: item.isFetched,
                classNumber: item.classNumber, bytes: item.memcachedBytes, flags: item.flags)
        case .mgdump: output.appendMgdump(key: item.key, isBinary: item.hasBinaryKey)
        case .cachedump:
            output.appendCachedump(
                key: item.key, valueLength: item.valueLength, expiresAt: expiresAt)
        }
    }
}
