/// What operators are told of an item.
extension ItemView {
    /// It was read since it was stored.
    public var isFetched: Bool { item.bits.contains(.fetched) }

    /// The number of its size class, from 1, as memcached numbers its slab classes.
    public var classNumber: Int {
        unsafe Int(pool.pages[pool.memory.page(of: chunk)].sizeClass.rawValue) + 1
    }

    /// memcached's size of it, in bytes: what its `-I` limits.
    public var memcachedBytes: Int {
        CacheEngine.itemBytes(
            keyLength: item.keyLength, valueLength: item.length, flags: item.flags)
    }

    /// Milliseconds since it was last read or stored; in steps of 16, and of a second for what is
    /// read often. In a large cache an item that is read often may tell the time of an earlier
    /// read, but no more than an eighth of the cache is new since.
    public func idleMilliseconds(at now: Instant) -> Int64 { item.idleMilliseconds(at: now) }

    /// The same in seconds.
    public func secondsSinceAccess(at now: Instant) -> UInt64 {
        UInt64(clamping: idleMilliseconds(at: now) / 1000)
    }
}

extension Item {
    func idleMilliseconds(at now: Instant) -> Int64 {
        // Another worker's clock can be a little ahead of this one's.
        max(0, Int64(Int32(bitPattern: now.tick &- accessTick))) * 16
    }
}

extension Expiry {
    /// Milliseconds until it expires; under 0 if it has, nil if it never does.
    public func remainingMilliseconds(at now: Instant) -> Int64? {
        second == 0 ? nil : Int64(second) * 1000 - Int64(now.milliseconds)
    }
}
