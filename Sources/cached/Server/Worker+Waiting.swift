import CacheEngine

/// What goes on without a word from a socket: connections that gave way, wait for a cull, watch, or
/// have to end.
extension Worker {
    mutating func resumeYielded() {
        guard !yielded.isEmpty else { return }
        let tokens = yielded
        yielded.removeAll(keepingCapacity: true)
        for token in tokens {
            guard let slot = table.slot(of: token) else { continue }
            if isDrainOver { return }
            table.with(slot) { $0.isQueued = false }
            serve(slot)
        }
    }

    /// A stopping worker's time is up: nothing more is begun.
    private var isDrainOver: Bool {
        drainUntilMs != 0 && server.clock.now.milliseconds >= drainUntilMs
    }

    mutating func workOnCull() {
        guard !culling.isEmpty else { return }
        let progress = context.engine.cull(ServerLimits.cullStepItems, at: context.now)
        guard progress != .more else { return }
        let tokens = culling
        culling.removeAll(keepingCapacity: true)
        for token in tokens {
            guard let slot = table.slot(of: token) else { continue }
            table.with(slot) { connection in
                connection.isQueued = false
                connection.awaitsCull = false
                connection.isRetrying = true
                connection.mayExceed = progress == .nothingToDrop
            }
            serve(slot)
        }
    }

    /// Tells what was evicted on this worker's account, and sends what there is for those who
    /// watch.
    mutating func serveWatchers() {
        if context.watched.contains(.evictions) { server.watchers.tellEvictions() }
        guard shared.takeEvents() else { return }
        for token in watching {
            if let slot = table.slot(of: token) { serve(slot) }
        }
    }

    mutating func closeIdle() {
        let timeout = server.settings.idleTimeoutSeconds
        guard timeout > 0, context.now.milliseconds >= nextIdleCheckMs else { return }
        nextIdleCheckMs = context.now.milliseconds + 1000
        let limitMs = UInt64(timeout) * 1000
        for slot in 0..<table.used where table.isUsed(slot) {
            let idleMs = table.with(slot) { connection -> UInt64 in
                // One that waits for us, or takes its time to read, is not idle.
                if connection.pending != nil || connection.awaitsCull || connection.isStreaming
                    || connection.login.stage == .waiting
                {
                    return 0
                }
                return context.now.milliseconds.subtractingOrZero(connection.record.lastCommandMs)
            }
            if idleMs > limitMs {
                context.counters.idleKicks &+= 1
                close(slot, because: .idleTimeout)
            }
        }
    }

    /// Ends every connection that has nothing in flight; true when all are gone or time is up.
    mutating func drain() -> Bool {
        if drainUntilMs == 0 {
            drainUntilMs = context.now.milliseconds + ServerLimits.drainMs
            // What has already arrived is still answered.
            for slot in 0..<table.used where table.isUsed(slot) && !isDrainOver {
                table.with(slot) { $0.mayReceive = true }
                serve(slot)
            }
        }
        let isOver = isDrainOver
        for slot in 0..<table.used where table.isUsed(slot) {
            let mayEnd = table.with(slot) { $0.isQuiet }
            if mayEnd || isOver { close(slot, because: .normal) }
        }
        return table.count == 0
    }
}
