/// S3-FIFO as its paper has it, in arrays and dictionaries: what the engine's is compared with.
/// It has no hashes, no steps of time, and no limit to one search.
struct ReferenceS3FIFO {
    let capacity: Int
    private(set) var hits = 0
    /// Which keys are in the cache, and how often each was asked for in its queue.
    private var frequency: [Int: Int] = [:]
    // Oldest first.
    private var small = Queue()
    private var main = Queue()
    /// The number of the eviction that a key left with.
    private var ghosts: [Int: Int] = [:]
    private var evictions = 0

    init(capacity: Int) { self.capacity = capacity }

    private struct Queue {
        private var keys: [Int] = []
        private var start = 0
        var count: Int { keys.count - start }

        mutating func append(_ key: Int) { keys.append(key) }

        mutating func removeFirst() -> Int {
            start += 1
            let key = keys[start - 1]
            if start > 10_000 {
                keys.removeFirst(start)
                start = 0
            }
            return key
        }
    }

    /// Asks for a key, and stores it if it is not there.
    mutating func access(_ key: Int) {
        if let count = frequency[key] {
            hits += 1
            frequency[key] = min(3, count + 1)
            return
        }
        while frequency.count >= capacity { evict() }
        frequency[key] = 0
        if let eviction = ghosts.removeValue(forKey: key), evictions - eviction <= capacity / 2 {
            main.append(key)
        } else {
            small.append(key)
        }
    }

    private mutating func evict() {
        let isSmallFull = small.count > 0 && small.count >= capacity / 10
        if isSmallFull || main.count == 0 {
            let key = small.removeFirst()
            if frequency[key, default: 0] >= 2 {
                frequency[key] = 0
                main.append(key)
            } else {
                frequency[key] = nil
                ghosts[key] = evictions
                evictions += 1
            }
        } else {
            let key = main.removeFirst()
            if let count = frequency[key], count > 0 {
                frequency[key] = count - 1
                main.append(key)
            } else {
                frequency[key] = nil
            }
        }
    }
}
