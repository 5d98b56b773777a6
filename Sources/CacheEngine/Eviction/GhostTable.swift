import Glibc

/// Hashes of keys that were evicted not long ago, in the order of their leaving.
///
///     bucket: 16 entries of 16 bits of the hash and 16 bits of time     one cache line
///
/// An entry lives until as many more keys were evicted as half the items of the shard; time counts
/// evictions in steps of a 4,096th of that. A key that was never there is taken for a ghost about
/// once in 5,000 times. Costs 3 to 6 bytes per item, and nothing before the first eviction.
///
/// Non-goals: remembering through a change of size. A shard whose items double in number begins
/// anew; its next lifetime fills the table again.
@safe
struct GhostTable: ~Copyable, @unchecked Sendable {
    private static let ways = 16
    private static let bucketBytes = 64

    private var entries: UnsafeMutablePointer<UInt32>?
    private var buckets = 0
    /// The time, and evictions until it goes on.
    private var now: UInt16 = 0
    private var untilStep = 0
    /// Steps of time that an entry lives.
    private var lifetime: UInt16 = 1

    init() { unsafe entries = nil }

    deinit { unsafe free(entries) }

    var bytes: Int { buckets * GhostTable.bucketBytes }

    /// Remembers a key of a shard that has `items`.
    mutating func remember(_ hash: KeyHash, items: Int) {
        advance(keeping: items / 2)
        guard let entries = unsafe entries else { return }
        let mark = GhostTable.mark(hash)
        let start = first(hash)
        var chosen = start
        var greatestAge: UInt16 = 0
        // SAFETY: start ... start + ways is within the table; see `first`.
        for position in start..<start + GhostTable.ways {
            let entry = unsafe entries[position]
            let age = entry == 0 ? UInt16.max : now &- UInt16(truncatingIfNeeded: entry)
            if UInt16(truncatingIfNeeded: entry >> 16) == mark || age == .max {
                chosen = position
                break
            }
            if age > greatestAge {
                greatestAge = age
                chosen = position
            }
        }
        unsafe entries[chosen] = UInt32(mark) << 16 | UInt32(now)
    }

    /// Whether the key was evicted not long ago; it is forgotten then.
    mutating func take(_ hash: KeyHash) -> Bool {
        guard let entries = unsafe entries else { return false }
        let mark = GhostTable.mark(hash)
        let start = first(hash)
        // SAFETY: as above.
        for position in start..<start + GhostTable.ways {
            let entry = unsafe entries[position]
            guard UInt16(truncatingIfNeeded: entry >> 16) == mark else { continue }
            unsafe entries[position] = 0
            return now &- UInt16(truncatingIfNeeded: entry) <= lifetime
        }
        return false
    }

    /// Not 0, which stands for an empty entry.
    private static func mark(_ hash: KeyHash) -> UInt16 {
        max(1, UInt16(truncatingIfNeeded: hash.rawValue >> 32))
    }

    /// Where the key's bucket begins, in entries: a power of two of them, under `buckets`.
    private func first(_ hash: KeyHash) -> Int {
        (Int(truncatingIfNeeded: hash.rawValue) & (buckets - 1)) * GhostTable.ways
    }

    /// Makes room for `ghosts` and lets time go on by one eviction. What was remembered is lost if
    /// the size changes.
    private mutating func advance(keeping ghosts: Int) {
        // Three quarters full, so that few lose their place before their time.
        let wanted = max(1, (ghosts + 11) / 12)
        if wanted > buckets || wanted * 8 < buckets {
            let count = 1 << (Int.bitWidth - (wanted - 1).leadingZeroBitCount)
            guard let fresh = unsafe calloc(count, GhostTable.bucketBytes) else { return }
            unsafe free(entries)
            unsafe entries = fresh.bindMemory(to: UInt32.self, capacity: count * GhostTable.ways)
            buckets = count
        }
        let step = max(1, ghosts / 4096)
        lifetime = UInt16(clamping: ghosts / step)
        untilStep -= 1
        if untilStep < 0 {
            untilStep = step - 1
            now &+= 1
        }
    }
}
