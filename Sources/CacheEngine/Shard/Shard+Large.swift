/// Values that arrive in several parts: filled while detached, linked when they are whole.
extension Shard {
    /// Stores a detached item whose value is complete. It is consumed unless the result is
    /// `.mustCull`.
    mutating func storeDetached(
        _ head: ChunkIndex, _ store: StoreOptions, _ hash: KeyHash, mayExceed: Bool,
        at now: Instant
    ) -> StoreResult {
        // SAFETY: a detached item stays where it is, and its key is not changed.
        let key = unsafe Span<UInt8>(
            _unsafeBytes: UnsafeRawBufferPointer(memory[head].keyBytes))
        let existing: ChunkIndex?
        switch admit(store, key, hash, at: now) {
        case .refuse(let result):
            release(head)
            return result
        case .proceed(let found, let isStale):
            existing = found
            if let found, isStale {
                memory[head].expiry = memory[found].expiry
                memory[head].marks.formUnion(memory[found].marks.whenStale)
            }
        }
        if let existing, store.mode == .append || store.mode == .prepend {
            let memory = memory
            let result = extend(
                existing, store, key, hash, by: memory[head].length, at: now
            ) { writer in
                memory.forEachPart(of: head) { writer.write($0) }
            }
            release(head)
            return result
        }
        if existing == nil, !reserveEntry(mayExceed: mayExceed) { return .mustCull }
        _ = pool.unhold(head)
        return replace(key, hash, with: head, at: now)
    }

    /// Removes what is stored under a detached item's key.
    mutating func forgetKey(of head: ChunkIndex, _ hash: KeyHash, at now: Instant) {
        // SAFETY: a detached item stays where it is, and its key is not changed.
        let key = unsafe Span<UInt8>(
            _unsafeBytes: UnsafeRawBufferPointer(memory[head].keyBytes))
        forget(key, hash, because: .evicted, at: now)
    }
}
