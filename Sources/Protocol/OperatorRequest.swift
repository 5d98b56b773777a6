/// A command of operators, parsed. Ranges are positions in the bytes that were parsed.
public enum OperatorRequest: Sendable {
    /// `lru_crawler metadump|mgdump <classes> [prefix=<bytes>]`
    case dump(DumpFormat, classes: ByteRange, prefix: ByteRange?)
    /// `lru_crawler crawl <classes>`
    case crawl(classes: ByteRange)
    /// `lru_crawler enable|disable`
    case enableCrawler(Bool)
    case crawlerSleep(microseconds: UInt32)
    case crawlerToCrawl(UInt32)
    /// `lru tune`: per cent of memory and factors of age, within memcached's bounds.
    case tune(hotPercent: UInt32, warmPercent: UInt32, hotFactor: Double, warmFactor: Double)
    case lruMode(isSegmented: Bool)
    /// Seconds; negative switches it off.
    case temporaryTTL(Int32)
    case reassignPage(from: Int32, to: Int32)
    case automove(level: UInt32)
    case automoveRatio(Double)
    case automoveFreeRatio(Double)
    /// In memcached's bounds.
    case automoveWindow(UInt32)
    /// nil: of one of the streams named there is none.
    case watch(WatchStreams?)
    /// `config get <name>`
    case getConfiguration(name: ByteRange)
}

/// How a dump tells of an item.
public enum DumpFormat: Equatable, Sendable {
    /// `key=… exp=… la=… …`
    case metadump
    /// `mg KEY`, to be sent back as it is.
    case mgdump
    /// `ITEM KEY […]`, of `stats cachedump`.
    case cachedump
}

/// What a connection may watch, as memcached names it.
public struct WatchStreams: OptionSet, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let fetchers = WatchStreams(rawValue: 1 << 0)
    public static let mutations = WatchStreams(rawValue: 1 << 1)
    public static let evictions = WatchStreams(rawValue: 1 << 2)
    public static let connectionEvents = WatchStreams(rawValue: 1 << 3)
    public static let deletions = WatchStreams(rawValue: 1 << 4)
    /// Accepted, as memcached does; nothing is reported there.
    public static let systemEvents = WatchStreams(rawValue: 1 << 5)
    public static let rawCommands = WatchStreams(rawValue: 1 << 6)
}

/// Which size classes a dump or a crawl is about.
public enum ClassSelection: Equatable, Sendable {
    case all
    /// Also all; memcached walks its hash table then.
    case hash
    case numbers([UInt32])
    case malformed

    /// `all`, `hash`, or numbers with commas between them.
    public init(_ text: Span<UInt8>) {
        if Scan.matches("all", text, 0, text.count) {
            self = .all
        } else if Scan.matches("hash", text, 0, text.count) {
            self = .hash
        } else {
            self = ClassSelection.list(text)
        }
    }

    private static func list(_ text: Span<UInt8>) -> ClassSelection {
        var numbers: [UInt32] = []
        var start = 0
        while start < text.count {
            let end =
                Scan.first(UInt8(ascii: ","), in: text, from: start, to: text.count) ?? text.count
            if end > start {
                guard let number = Numbers.strictUnsigned32(text.extracting(start..<end)) else {
                    return .malformed
                }
                numbers.append(number)
            }
            start = end + 1
        }
        return .numbers(numbers)
    }
}
