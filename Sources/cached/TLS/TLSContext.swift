#if TLS
    import COpenSSL
    import Glibc
    import SystemCalls

    /// Certificate, key and rules, as one reading of the files gave them. A session keeps those it
    /// began with, so that a reload does not touch connections that are open.
    @safe
    final class TLSContext: @unchecked Sendable {
        // SAFETY: an SSL_CTX counts its references atomically, and is not changed after `init`.
        private let context: OpaquePointer

        /// Reads the files that the settings name.
        init(_ settings: TLSSettings) throws(TLSFailure) {
            guard let context = unsafe SSL_CTX_new(TLS_server_method()) else {
                throw TLSContext.failure(
                    "making a TLS context", of: "OpenSSL", "see that its configuration is whole")
            }
            unsafe self.context = context
            unsafe co_prepare(context)
            unsafe SSL_CTX_set_verify(context, settings.verifyMode.flags, nil)
            unsafe co_set_session_cache(
                context, settings.sessionCacheEnabled ? SettingsLimits.tlsCachedSessions : 0)
            if settings.kernelTLSEnabled { _ = unsafe co_enable_kernel(context) }
            try setRules(settings)
            try loadCertificate(settings)
            try loadAuthorities(settings)
        }

        deinit { unsafe SSL_CTX_free(context) }

        private func setRules(_ settings: TLSSettings) throws(TLSFailure) {
            guard unsafe co_set_minimum_version(context, settings.minimumVersion.number) == 1 else {
                throw TLSContext.failure(
                    "setting the minimum version", of: settings.minimumVersion.text,
                    "give another one with -o ssl_min_version")
            }
            guard let ciphers = settings.ciphers else { return }
            guard unsafe SSL_CTX_set_cipher_list(context, ciphers) == 1 else {
                throw TLSContext.failure(
                    "setting the ciphers", of: ciphers,
                    "give -o ssl_ciphers a list that 'openssl ciphers' understands")
            }
        }

        private func loadCertificate(_ settings: TLSSettings) throws(TLSFailure) {
            let chain = settings.chainPath ?? ""
            let key = settings.keyPath ?? chain
            let isSeparate = settings.keyPath != nil
            let chainAdvice = "name a readable file of PEM certificates with -o ssl_chain_cert"
            let keyAdvice =
                isSeparate
                ? "name a readable private key without a pass phrase with -o ssl_key, "
                    + "and its format, PEM or DER, with -o ssl_keyformat"
                : "add a private key without a pass phrase to it, or name one with -o ssl_key"
            try TLSContext.check(chain, "loading the certificate chain", chainAdvice)
            guard unsafe SSL_CTX_use_certificate_chain_file(context, chain) == 1 else {
                throw TLSContext.failure("loading the certificate chain", of: chain, chainAdvice)
            }
            try TLSContext.check(key, "loading the key", keyAdvice)
            guard
                unsafe SSL_CTX_use_PrivateKey_file(context, key, settings.keyFormat.rawValue) == 1,
                unsafe SSL_CTX_check_private_key(context) == 1
            else { throw TLSContext.failure("loading the key", of: key, keyAdvice) }
        }

        private func loadAuthorities(_ settings: TLSSettings) throws(TLSFailure) {
            guard let path = settings.authorityPath else { return }
            let advice = "name a readable file of PEM certificates with -o ssl_ca_cert"
            try TLSContext.check(path, "loading the CA certificate", advice)
            guard unsafe SSL_CTX_load_verify_file(context, path) == 1,
                let names = unsafe SSL_load_client_CA_file(path)
            else { throw TLSContext.failure("loading the CA certificate", of: path, advice) }
            unsafe SSL_CTX_set_client_CA_list(context, names)
        }

        // -- sessions --

        /// Begins a server's session on a socket; nil if there is no memory for it.
        func makeSession(on socket: Int32, _ security: ListenerSecurity) -> OpaquePointer? {
            guard let session = unsafe SSL_new(context) else { return nil }
            switch security {
            case .standard, .plain: break
            case .serverOnly: unsafe SSL_set_verify(session, SSL_VERIFY_NONE, nil)
            case .mutual:
                unsafe SSL_set_verify(
                    session, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
            }
            // A session is resumed without a look at certificates: not where they are asked for
            // if it began where they are not.
            let name = Array("cached \(security.rawValue)".utf8)
            guard unsafe SSL_set_fd(session, socket) == 1,
                unsafe SSL_set_session_id_context(session, name, UInt32(name.count)) == 1
            else {
                unsafe SSL_free(session)
                return nil
            }
            unsafe SSL_set_accept_state(session)
            return unsafe session
        }

        // -- what can be wrong --

        /// Tells of settings that will not do what they seem to.
        func warn(_ settings: TLSSettings) {
            if settings.minimumVersion.number < TLSVersion.tls1_2.number,
                unsafe SSL_CTX_get_security_level(context) > 0
            {
                Log.warning(
                    "this OpenSSL speaks nothing older than tlsv1.2, whatever ssl_min_version "
                        + "says, unless ssl_ciphers ends with :@SECLEVEL=0")
            }
            if settings.kernelTLSEnabled, let reason = kernelRefusal() {
                Log.warning("ssl_kernel_tls has no effect: \(reason)")
            }
        }

        /// Why the kernel will not encrypt; nil if it will where it knows the cipher.
        private func kernelRefusal() -> String? {
            guard unsafe co_enable_kernel(context) == 0 else {
                return "this OpenSSL was built without it"
            }
            return co_kernel_has_tls() == 1 ? nil : "the kernel has no module tls (modprobe tls)"
        }

        /// Looks at a file before OpenSSL does, which would wait for ever for a pipe's end and has
        /// worse words for what is wrong.
        private static func check(
            _ path: String, _ task: String, _ advice: String
        ) throws(TLSFailure) {
            func refuse(_ reason: String) -> TLSFailure {
                TLSFailure(task: task, subject: path, reason: reason, advice: advice)
            }
            var info = stat()
            guard unsafe stat(path, &info) == 0 else { throw refuse("\(Errno.last)") }
            guard info.st_mode & S_IFMT == S_IFREG else { throw refuse("not a regular file") }
            guard info.st_size <= SettingsLimits.tlsFileBytesMax else {
                throw refuse("larger than \(SettingsLimits.tlsFileBytesMax >> 20) MiB")
            }
            let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
            guard number >= 0 else { throw refuse("\(Errno.last)") }
            _ = close(number)
        }

        /// The first of this thread's errors, which is the cause of the others.
        private static func failure(
            _ task: String, of subject: String, _ advice: String
        ) -> TLSFailure {
            let reason = describe(ERR_get_error())
            ERR_clear_error()
            return TLSFailure(task: task, subject: subject, reason: reason, advice: advice)
        }

        /// OpenSSL's words for an error.
        static func describe(_ code: UInt) -> String {
            let system = co_system_error(code)
            if system != 0 { return "\(Errno(code: system))" }
            if co_fits_no_form(code) == 1 { return "there is nothing like that in it" }
            guard let text = unsafe ERR_reason_error_string(code) else { return "unknown error" }
            return unsafe String(cString: text)
        }
    }
#endif
