#if TLS
    import COpenSSL
    import Glibc
    import Synchronization
    import SystemCalls

    /// TLS for all threads: the certificates that new connections get, and what is counted.
    final class TLSServer: Sendable {
        let settings: TLSSettings
        private let current: Locked<TLSContext>
        /// Held over a whole reload: of two at once, the one that has read last must win.
        private let reloading = Locked<Void>(())
        private let loadedAtNs: Atomic<UInt64>

        private let newSessions = Atomic<UInt64>(0)
        private let handshakeErrors = Atomic<UInt64>(0)
        private let protocolErrors = Atomic<UInt64>(0)

        /// Reads the files for the first time; nil if TLS is off.
        static func load(_ settings: TLSSettings) throws(StartupError) -> TLSServer? {
            guard settings.isEnabled else { return nil }
            var settings = settings
            // A daemon changes its folder, and the files are read again later.
            settings.makePathsAbsolute()
            do throws(TLSFailure) {
                let context = try TLSContext(settings)
                context.warn(settings)
                return TLSServer(settings, context)
            } catch {
                throw StartupError(message: error.message)
            }
        }

        private init(_ settings: TLSSettings, _ context: TLSContext) {
            self.settings = settings
            current = Locked(context)
            loadedAtNs = Atomic(MonotonicClock.nanoseconds())
        }

        var context: TLSContext { current.withLock { $0 } }

        /// Reads the files anew, for connections that come. If that fails, nothing changes.
        func reload() throws(TLSFailure) {
            let result = reloading.withLock { _ -> Result<Void, TLSFailure> in
                do throws(TLSFailure) {
                    let fresh = try TLSContext(settings)
                    current.withLock { $0 = fresh }
                    loadedAtNs.store(MonotonicClock.nanoseconds(), ordering: .relaxed)
                    return .success(())
                } catch {
                    return .failure(error)
                }
            }
            try result.get()
        }

        // -- what is counted --

        enum Event { case newSession, handshakeError, protocolError }

        func count(_ event: Event) {
            switch event {
            case .newSession: newSessions.add(1, ordering: .relaxed)
            case .handshakeError: handshakeErrors.add(1, ordering: .relaxed)
            case .protocolError: protocolErrors.add(1, ordering: .relaxed)
            }
        }

        func resetCounters() {
            newSessions.store(0, ordering: .relaxed)
            handshakeErrors.store(0, ordering: .relaxed)
            protocolErrors.store(0, ordering: .relaxed)
        }

        /// The rows of `stats`, as memcached has them.
        func statistics() -> [(String, UInt64)] {
            var rows: [(String, UInt64)] = []
            if settings.sessionCacheEnabled {
                rows.append(("ssl_new_sessions", newSessions.load(ordering: .relaxed)))
            }
            let age = MonotonicClock.nanoseconds() &- loadedAtNs.load(ordering: .relaxed)
            rows += [
                ("ssl_handshake_errors", handshakeErrors.load(ordering: .relaxed)),
                ("ssl_proto_errors", protocolErrors.load(ordering: .relaxed)),
                ("time_since_server_cert_refresh", age / 1_000_000_000),
            ]
            return rows
        }
    }
#endif
