import SystemCalls

/// Guests: connections that are not logged in.
extension Worker {
    /// Lets the connections go on that the authenticator has decided about.
    mutating func takeVerdicts() {
        guard server.authenticator != nil else { return }
        let verdicts = shared.verdicts.withLock { verdicts -> [LoginVerdict] in
            guard !verdicts.isEmpty else { return [] }
            defer { verdicts = [] }
            return verdicts
        }
        for verdict in verdicts {
            // It may have gone meanwhile.
            guard let slot = table.slot(of: verdict.token) else { continue }
            table.with(slot) { $0.login.decide(verdict) }
            serve(slot)
        }
    }

    /// Closes guests whose time is up. One that waits for the authenticator has done its part.
    mutating func closeOverdueGuests() {
        guard context.hasGuests, context.now.milliseconds >= nextGuestCheckMs else { return }
        nextGuestCheckMs = context.now.milliseconds + 1000
        context.hasGuests = false
        for slot in 0..<table.used where table.isUsed(slot) {
            let isOverdue = table.with(slot) { connection -> Bool in
                if !connection.login.isOpen { context.hasGuests = true }
                return connection.login.isOverdue(at: context.now)
            }
            guard isOverdue else { continue }
            context.counters.authTimeouts &+= 1
            Log.info("a connection was closed: it did not log in")
            close(slot)
        }
    }
}
