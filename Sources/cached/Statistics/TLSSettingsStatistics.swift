extension TLSSettings {
    /// The rows of `stats settings`, which memcached has in builds with TLS. What is not set reads
    /// as its C library prints no string, or as memcached words it.
    var statistics: [(String, String)] {
        [
            ("ssl_enabled", yesNo(isEnabled)),
            ("ssl_chain_cert", chainPath ?? "(null)"),
            ("ssl_key", keyPath ?? "(null)"),
            ("ssl_verify_mode", String(verifyMode.flags)),
            ("ssl_keyformat", String(keyFormat.rawValue)),
            ("ssl_ciphers", ciphers ?? "NULL"),
            ("ssl_ca_cert", authorityPath ?? "NULL"),
            ("ssl_wbuf_size", String(writeBufferBytes)),
            ("ssl_session_cache", yesNo(sessionCacheEnabled)),
            ("ssl_kernel_tls", yesNo(kernelTLSEnabled)),
            ("ssl_min_version", minimumVersion.text),
        ]
    }
}

/// As `stats settings` shows a switch.
func yesNo(_ value: Bool) -> String { value ? "yes" : "no" }
