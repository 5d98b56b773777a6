/// What a command does to an item it found.
extension Shard {
    /// Gives an item a new expiry without reading it; nil if it is not there.
    mutating func touch(
        _ key: Span<UInt8>, _ hash: KeyHash, _ expiry: Expiry, at now: Instant
    ) -> ChunkIndex? {
        guard case .hit(let chunk, _) = find(key, hash, at: now) else { return nil }
        memory[chunk].expiry = expiry
        noteExpiry(of: chunk)
        classes[Int(sizeClass(of: chunk).rawValue)].touchHits += 1
        noteFetch(of: chunk)
        // A touch is an access in memcached; Django's culling does not take it for one.
        if options.maximumEntries == nil { noteAccess(chunk, at: now) }
        return chunk
    }

    @inline(__always)
    mutating func hit(_ chunk: ChunkIndex, touch: Expiry?, at now: Instant) {
        let item = memory[chunk]
        let classNumber = Int(sizeClass(of: chunk).rawValue)
        if let touch {
            item.expiry = touch
            noteExpiry(of: chunk)
            classes[classNumber].touchHits += 1
        } else {
            classes[classNumber].getHits += 1
        }
        noteFetch(of: chunk)
        noteAccess(chunk, at: now)
    }

    /// A client has shown interest in the item; memcached takes a touch for that too.
    @inline(__always)
    func noteFetch(of chunk: ChunkIndex) {
        let bits = memory[chunk].bits
        // Written only once: a cache line that stays clean is cheaper.
        if !bits.contains(.fetched) { memory[chunk].bits = bits.union(.fetched) }
    }

    mutating func delete(_ key: Span<UInt8>, _ hash: KeyHash, at now: Instant) -> Bool {
        guard case .hit(let chunk, let slot) = find(key, hash, at: now) else { return false }
        classes[Int(sizeClass(of: chunk).rawValue)].deleteHits += 1
        unlink(chunk, slot, because: .deleted, at: now)
        return true
    }
}
