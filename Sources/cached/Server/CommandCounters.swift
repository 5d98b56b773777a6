import CacheEngine

/// What a worker counts; the names are those of memcached's `stats`.
struct CommandCounters: Sendable {
    var getCommands: UInt64 = 0
    var setCommands: UInt64 = 0
    var flushCommands: UInt64 = 0
    var touchCommands: UInt64 = 0
    /// Only `me`, as in memcached.
    var metaCommands: UInt64 = 0
    var getHits: UInt64 = 0
    var getMisses: UInt64 = 0
    var getExpired: UInt64 = 0
    var getFlushed: UInt64 = 0
    var deleteHits: UInt64 = 0
    var deleteMisses: UInt64 = 0
    var incrementHits: UInt64 = 0
    var incrementMisses: UInt64 = 0
    var decrementHits: UInt64 = 0
    var decrementMisses: UInt64 = 0
    var casHits: UInt64 = 0
    var casMisses: UInt64 = 0
    var casMismatches: UInt64 = 0
    var touchHits: UInt64 = 0
    var touchMisses: UInt64 = 0
    var storeTooLarge: UInt64 = 0
    var storeNoMemory: UInt64 = 0
    var bytesRead: UInt64 = 0
    var bytesWritten: UInt64 = 0
    var connectionYields: UInt64 = 0
    var idleKicks: UInt64 = 0
    var authCommands: UInt64 = 0
    var authErrors: UInt64 = 0
    var authTimeouts: UInt64 = 0

    /// The counters one by one, for sums and differences.
    static let all: [WritableKeyPath<CommandCounters, UInt64> & Sendable] = [
        \.getCommands, \.setCommands, \.flushCommands, \.touchCommands, \.metaCommands, \.getHits,
        \.getMisses,
        \.getExpired, \.getFlushed, \.deleteHits, \.deleteMisses, \.incrementHits,
        \.incrementMisses, \.decrementHits, \.decrementMisses, \.casHits, \.casMisses,
        \.casMismatches, \.touchHits, \.touchMisses, \.storeTooLarge, \.storeNoMemory,
        \.bytesRead, \.bytesWritten, \.connectionYields, \.idleKicks,
        \.authCommands, \.authErrors, \.authTimeouts,
    ]

    mutating func countHit(_ direction: CounterDirection) {
        switch direction {
        case .increment: incrementHits &+= 1
        case .decrement: decrementHits &+= 1
        }
    }

    mutating func countMiss(_ direction: CounterDirection) {
        switch direction {
        case .increment: incrementMisses &+= 1
        case .decrement: decrementMisses &+= 1
        }
    }

    static func + (left: CommandCounters, right: CommandCounters) -> CommandCounters {
        var sum = left
        for counter in all { sum[keyPath: counter] &+= right[keyPath: counter] }
        return sum
    }

    /// Never under 0: a reset by another thread may come between two readings.
    static func - (left: CommandCounters, right: CommandCounters) -> CommandCounters {
        var difference = left
        for counter in all {
            difference[keyPath: counter] =
                left[keyPath: counter].subtractingOrZero(right[keyPath: counter])
        }
        return difference
    }
}

extension UInt64 {
    func subtractingOrZero(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}
