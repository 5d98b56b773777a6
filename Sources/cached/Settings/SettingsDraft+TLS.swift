extension SettingsDraft {
    /// Checks the settings of TLS against each other, and against the listeners.
    mutating func resolveTLS() throws(UsageError) {
        let tls = settings.tls
        let securities = settings.listeners.map(\.security)
        guard tls.isEnabled else {
            if let security = securities.first(where: { $0 != .standard }) {
                let advice = TLSSettings.isAvailable ? "needs -Z (--enable-ssl)" : OptionTable.noTLS
                throw UsageError(
                    message: "option -l (--listen): prefix '\(security.rawValue):': \(advice)")
            }
            if tls != TLSSettings() {
                warn("options ssl_* (--ssl-*): have no effect without -Z (--enable-ssl)")
            }
            return
        }
        guard tls.chainPath != nil else {
            throw UsageError(
                message: "option -Z (--enable-ssl): needs a certificate; "
                    + "name its file with -o ssl_chain_cert=FILE")
        }
        if settings.unixSocketPath != nil {
            warn("option -Z (--enable-ssl): has no effect: a unix socket is not encrypted")
        }
        let verifies = securities.contains { security in
            security == .mutual || security == .standard && tls.verifyMode != .none
        }
        if verifies, tls.authorityPath == nil {
            warn(
                "option -o ssl_verify_mode: no client's certificate will do without "
                    + "-o ssl_ca_cert=FILE")
        }
    }
}
