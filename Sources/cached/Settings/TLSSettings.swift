import Glibc

/// What -Z and the `ssl_*` suboptions say.
struct TLSSettings: Sendable, Equatable {
    /// Whether this build has TLS at all (the package's trait TLS).
    static var isAvailable: Bool {
        #if TLS
            true
        #else
            false
        #endif
    }

    /// TCP listeners speak TLS, unless they say otherwise (`-Z`).
    var isEnabled = false

    /// The server's certificate and those between it and the root, PEM (`-o ssl_chain_cert`).
    var chainPath: String?

    /// Its private key (`-o ssl_key`); nil if it is in the same file.
    var keyPath: String?

    var keyFormat = TLSKeyFormat.pem

    /// What is asked of clients (`-o ssl_verify_mode`).
    var verifyMode = TLSVerifyMode.none

    /// Whose certificates clients may have, PEM (`-o ssl_ca_cert`).
    var authorityPath: String?

    /// Ciphers up to TLS 1.2, as `openssl ciphers` has them (`-o ssl_ciphers`); nil for OpenSSL's.
    var ciphers: String?

    /// The oldest version that is spoken (`-o ssl_min_version`).
    var minimumVersion = TLSVersion.tls1_2

    /// Bytes of a reply in parts that are gathered before they are encrypted
    /// (`-o ssl_wbuf_size`), 1 KiB to 16 MiB; one such buffer a worker.
    var writeBufferBytes = 16 << 10

    /// Keep sessions here for clients that resume them (`-o ssl_session_cache`).
    var sessionCacheEnabled = false

    /// Let the kernel encrypt where it can (`-o ssl_kernel_tls`).
    var kernelTLSEnabled = false

    /// Whether a listener lets in only who has a certificate.
    func asksForCertificate(_ security: ListenerSecurity) -> Bool {
        guard isEnabled else { return false }
        return switch security {
        case .mutual: true
        case .plain, .serverOnly: false
        case .standard: verifyMode == .require || verifyMode == .once
        }
    }

    /// Names the files so that they are found from any folder.
    mutating func makePathsAbsolute() {
        chainPath = chainPath.map(ProcessFacts.absolutePath)
        keyPath = keyPath.map(ProcessFacts.absolutePath)
        authorityPath = authorityPath.map(ProcessFacts.absolutePath)
    }
}

/// The raw values are OpenSSL's, which memcached shows in `stats settings`.
enum TLSKeyFormat: Int32, Sendable {
    case pem = 1
    case der = 2
}

/// The raw values are those of `-o ssl_verify_mode`.
enum TLSVerifyMode: Int, Sendable, CaseIterable {
    case none, request, require, once

    /// OpenSSL's flags: ask (1), insist (2), only once (4).
    var flags: Int32 {
        switch self {
        case .none: 0
        case .request: 1
        case .require: 3
        case .once: 7
        }
    }
}

/// The raw values are those of `-o ssl_min_version`.
enum TLSVersion: Int, Sendable, CaseIterable {
    case tls1_0, tls1_1, tls1_2, tls1_3

    /// As it stands in a hello.
    var number: Int32 { 0x0301 + Int32(rawValue) }

    var text: String { "tlsv1.\(rawValue)" }
}

/// How a listener's connections are encrypted; the raw values are the prefixes of `-l`.
enum ListenerSecurity: String, Sendable, CaseIterable {
    /// As -Z and ssl_verify_mode say.
    case standard = ""
    case plain = "notls"
    /// Whatever ssl_verify_mode says, clients need no certificate.
    case serverOnly = "btls"
    /// Whatever it says, they do.
    case mutual = "mtls"
}
