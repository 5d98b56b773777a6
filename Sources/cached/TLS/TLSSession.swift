#if TLS
    import COpenSSL
    import Glibc
    import SystemCalls

    /// The encryption of one connection. The handshake is a part of the first receives: as long as
    /// it lasts, they bring nothing.
    ///
    /// OpenSSL may hold more than was asked for, so a receive goes on until it has filled its
    /// buffer or OpenSSL wants more from the socket, and ``mayHoldMore`` says which it was.
    @safe
    final class TLSSession {
        private let session: OpaquePointer
        private let worker: TLSWorker
        private(set) var isHandshaking = true
        /// What ended it; nothing is read or written any more.
        private var failure: Errno?
        /// OpenSSL's word for that; 0 if it was an error of the system.
        private var failureCode: UInt = 0

        /// Takes over a session that nobody else frees.
        init(owning session: OpaquePointer, _ worker: TLSWorker) {
            unsafe self.session = session
            self.worker = worker
        }

        deinit { unsafe SSL_free(session) }

        /// Whether the last receive ended for want of room, and not of bytes.
        var mayHoldMore: Bool {
            if failure != nil { return true }
            return unsafe SSL_want(session) != SSL_READING
        }

        /// Whether it waits for room in the socket to go on.
        var wantsToWrite: Bool { unsafe SSL_want(session) == SSL_WRITING }

        /// About what it takes of memory.
        var memoryBytes: Int {
            let received = unsafe SSL_has_pending(session) == 1 ? ServerLimits.tlsRecordBytes : 0
            let sent = wantsToWrite ? ServerLimits.tlsRecordBytes : 0
            let handshake = isHandshaking ? ServerLimits.tlsHandshakeBytes : 0
            return ServerLimits.tlsSessionBytes + handshake + received + sent
        }

        func receive(
            into buffer: UnsafeMutableRawBufferPointer
        ) -> FileDescriptor.Received {
            if let failure { return .failed(failure) }
            guard let start = buffer.baseAddress else { return .wouldBlock }
            var total = 0
            while total < buffer.count {
                var count = 0
                // SAFETY: the rest of the buffer.
                let outcome = unsafe co_read(session, start + total, buffer.count - total, &count)
                noteHandshake()
                switch outcome {
                case SSL_ERROR_NONE: total += count
                case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
                    return total > 0 ? .bytes(total) : .wouldBlock
                case SSL_ERROR_ZERO_RETURN:
                    // If bytes came before it, it is met again.
                    if total > 0 { return .bytes(total) }
                    noteEnd()
                    return .endOfStream
                default:
                    let error = fail(outcome)
                    return total > 0 ? .bytes(total) : .failed(error)
                }
            }
            return .bytes(total)
        }

        /// What was not taken must be sent again from its first byte on: OpenSSL may hold a record
        /// that is made of it.
        func send(_ bytes: UnsafeRawBufferPointer) -> FileDescriptor.Sent {
            if let failure { return .failed(failure) }
            guard let start = bytes.baseAddress else { return .bytes(0) }
            var total = 0
            while total < bytes.count {
                var count = 0
                // SAFETY: the rest of the bytes.
                let outcome = unsafe co_write(session, start + total, bytes.count - total, &count)
                switch outcome {
                case SSL_ERROR_NONE: total += count
                case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
                    return total > 0 ? .bytes(total) : .wouldBlock
                default:
                    let error = fail(outcome)
                    return total > 0 ? .bytes(total) : .failed(error)
                }
            }
            return .bytes(total)
        }

        /// The same for the first `count` vectors, as far as the worker's buffer holds them: many
        /// small parts make one record.
        func send(
            _ vectors: UnsafeMutablePointer<iovec>, count: Int
        ) -> FileDescriptor.Sent {
            unsafe send(worker.gather(UnsafeBufferPointer(start: vectors, count: count)))
        }

        /// Tells the peer that nothing follows, if it is still there to hear it.
        func sayGoodbye() {
            guard !isHandshaking, failure == nil else { return }
            ERR_clear_error()
            _ = unsafe SSL_shutdown(session)
        }

        // -- the handshake, and what goes wrong --

        private func noteHandshake() {
            guard isHandshaking, unsafe SSL_is_init_finished(session) == 1 else { return }
            isHandshaking = false
            if unsafe SSL_session_reused(session) == 0 { worker.server.count(.newSession) }
        }

        /// Counts a handshake that its deadline ends.
        func noteTimeout() { worker.server.count(.handshakeError) }

        /// The peer is gone. In the middle of a handshake that is an error; a port that is only
        /// looked at is none.
        private func noteEnd() {
            guard isHandshaking, unsafe BIO_number_read(SSL_get_rbio(session)) > 0 else { return }
            worker.server.count(.handshakeError)
            let number = unsafe SSL_get_fd(session)
            Log.info("connection \(number): TLS handshake: the client has closed")
        }

        private func fail(_ outcome: Int32) -> Errno {
            var error = Errno.last
            failureCode = 0
            if outcome != SSL_ERROR_SYSCALL || error.code == 0 {
                error = Errno(code: EPROTO)
                failureCode = ERR_get_error()
            }
            ERR_clear_error()
            failure = error
            // A socket's own errors have nothing to do with TLS, but for a handshake they end.
            if isHandshaking {
                worker.server.count(.handshakeError)
            } else if failureCode != 0 {
                worker.server.count(.protocolError)
            }
            return error
        }

        /// A failure in words.
        func describe(_ error: Errno) -> String {
            let reason = failureCode == 0 ? "\(error)" : TLSContext.describe(failureCode)
            guard isHandshaking else { return failureCode == 0 ? reason : "TLS: \(reason)" }
            switch co_reason(failureCode) {
            case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST:
                return "TLS handshake: \(reason); the client does not speak TLS"
            default: return "TLS handshake: \(reason)"
            }
        }
    }
#endif
