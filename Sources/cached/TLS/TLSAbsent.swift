#if !TLS
    import Glibc
    import SystemCalls

    // A build without the trait TLS. None of these types has a value, so an optional one is always
    // nil, and what is written for it elsewhere folds away.

    enum TLSServer: Sendable {
        static func load(_ settings: TLSSettings) throws(StartupError) -> TLSServer? { nil }

        func reload() throws(TLSFailure) { switch self {} }
        func resetCounters() { switch self {} }
        func statistics() -> [(String, UInt64)] { switch self {} }
    }

    enum TLSWorker {
        init?(_ server: TLSServer?) { return nil }

        func begin(on socket: Int32, _ security: ListenerSecurity) -> TLSSession? {
            switch self {}
        }
    }

    enum TLSSession {
        var isHandshaking: Bool { switch self {} }
        var wantsToWrite: Bool { switch self {} }
        var mayHoldMore: Bool { switch self {} }
        var memoryBytes: Int { switch self {} }

        func receive(
            into buffer: UnsafeMutableRawBufferPointer
        ) -> FileDescriptor.Received { switch self {} }
        func send(_ bytes: UnsafeRawBufferPointer) -> FileDescriptor.Sent {
            switch self {}
        }
        func send(
            _ vectors: UnsafeMutablePointer<iovec>, count: Int
        ) -> FileDescriptor.Sent { switch self {} }
        func describe(_ error: Errno) -> String { switch self {} }
        func noteTimeout() { switch self {} }
        func sayGoodbye() { switch self {} }
    }
#endif
