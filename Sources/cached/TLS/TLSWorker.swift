#if TLS
    import COpenSSL
    import Glibc

    /// A worker's part in TLS: it begins sessions, and lends them the buffer in which parts of a
    /// reply become one record.
    @safe
    final class TLSWorker {
        let server: TLSServer
        private let buffer: UnsafeMutableRawBufferPointer

        /// Nil if TLS is off.
        init?(_ server: TLSServer?) {
            guard let server else { return nil }
            self.server = server
            unsafe buffer = UnsafeMutableRawBufferPointer.allocate(
                byteCount: server.settings.writeBufferBytes, alignment: 16)
        }

        deinit { unsafe buffer.deallocate() }

        /// A session for an accepted socket; nil if there is no memory for it.
        func begin(on socket: Int32, _ security: ListenerSecurity) -> TLSSession? {
            guard let session = unsafe server.context.makeSession(on: socket, security) else {
                return nil
            }
            return unsafe TLSSession(owning: session, self)
        }

        /// The first bytes of the vectors, as many as the buffer holds, in one piece. They stay
        /// until the next call.
        func gather(_ vectors: UnsafeBufferPointer<iovec>) -> UnsafeRawBufferPointer {
            var count = 0
            for position in vectors.indices {
                let vector = unsafe vectors[position]
                let part = unsafe min(vector.iov_len, buffer.count - count)
                guard part > 0 else { continue }
                // SAFETY: `part` bytes are left of both.
                let source = unsafe UnsafeRawBufferPointer(start: vector.iov_base, count: part)
                unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
                    .copyMemory(from: source)
                count += part
            }
            return unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
        }
    }
#endif
