extension OptionTable {
    /// The options of TLS. A build without it refuses each by name.
    static let tls: [OptionDefinition] = TLSSettings.isAvailable ? ofTLS : ofTLS.map(refused)

    static let ofTLS: [OptionDefinition] = [
        OptionDefinition(
            "Z", "enable-ssl", group: .tls, effect: .flag(\.tls.isEnabled),
            help: "Speak TLS on TCP, but for addresses with the prefix notls."),
        OptionDefinition(
            nil, "ssl-chain-cert", subOption: "ssl_chain_cert", group: .tls, placeholder: "FILE",
            effect: path(\.tls.chainPath),
            help: "The certificate, and those between it and the root, PEM."),
        OptionDefinition(
            nil, "ssl-key", subOption: "ssl_key", group: .tls, placeholder: "FILE",
            defaultText: "in the same file", effect: path(\.tls.keyPath),
            help: "Its private key, without a pass phrase."),
        OptionDefinition(
            nil, "ssl-keyformat", subOption: "ssl_keyformat", group: .tls, placeholder: "NAME",
            effect: keyFormat(), help: "The format of that key."),
        OptionDefinition(
            nil, "ssl-verify-mode", subOption: "ssl_verify_mode", group: .tls, placeholder: "NUM",
            effect: numbered(\.tls.verifyMode),
            help: """
                Certificates of clients: 0 none asked for, 1 verified if there is one, \
                2 or 3 required.
                """),
        OptionDefinition(
            nil, "ssl-ca-cert", subOption: "ssl_ca_cert", group: .tls, placeholder: "FILE",
            effect: path(\.tls.authorityPath),
            help: "The authorities that clients' certificates must come from, PEM."),
        OptionDefinition(
            nil, "ssl-min-version", subOption: "ssl_min_version", group: .tls, placeholder: "NUM",
            effect: numbered(\.tls.minimumVersion),
            help: "The oldest version spoken: 0 TLS 1.0, 1 TLS 1.1, 2 TLS 1.2, 3 TLS 1.3."),
        OptionDefinition(
            nil, "ssl-ciphers", subOption: "ssl_ciphers", group: .tls, placeholder: "LIST",
            defaultText: "OpenSSL's",
            effect: .text(\.tls.ciphers, bytesMax: SettingsLimits.pathBytesMax, what: "a list"),
            help: "Ciphers up to TLS 1.2, with colons between them."),
        OptionDefinition(
            nil, "ssl-wbuf-size", subOption: "ssl_wbuf_size", group: .tls, placeholder: "SIZE",
            effect: .size(
                \.tls.writeBufferBytes,
                in: SettingsLimits.tlsWriteBufferBytesMin...SettingsLimits.tlsWriteBufferBytesMax,
                unitBytes: 1 << 10),
            help: "Buffer of each thread for encrypting, in KiB or with k, m."),
        OptionDefinition(
            nil, "ssl-session-cache", subOption: "ssl_session_cache", group: .tls,
            effect: .flag(\.tls.sessionCacheEnabled),
            help: "Keep sessions for clients that resume them without a ticket."),
        OptionDefinition(
            nil, "ssl-kernel-tls", subOption: "ssl_kernel_tls", group: .tls,
            effect: .flag(\.tls.kernelTLSEnabled),
            help: "Let the kernel encrypt, where it can."),
    ]

    private static func refused(_ definition: OptionDefinition) -> OptionDefinition {
        var refused = definition
        refused.group = .compatibility
        refused.isHidden = true
        refused.effect = .unsupported(definition.effect.valueUse, why: noTLS)
        return refused
    }

    /// Why a build without TLS refuses what needs it.
    static let noTLS =
        "this build has no TLS; make one that has it with swift build -c release --traits TLS"

    private static func path(_ key: OptionEffect.Key<String?>) -> OptionEffect {
        .text(key, bytesMax: SettingsLimits.pathBytesMax, what: "a path")
    }

    /// memcached's help has the names, but its parser takes only OpenSSL's numbers for them.
    private static func keyFormat() -> OptionEffect {
        let allowed = "PEM or DER"
        var effect = OptionEffect(valueUse: .required, allowed: allowed, allowedInHelp: allowed)
        effect.apply = { (occurrence, draft) throws(UsageError) in
            switch OptionValue.trimmed(occurrence.value ?? "").uppercased() {
            case "PEM", "1": draft.settings.tls.keyFormat = .pem
            case "DER", "2": draft.settings.tls.keyFormat = .der
            case "ENGINE":
                throw occurrence.refused(
                    "is not supported: OpenSSL 3 gives up engines; takes PEM or DER")
            default: throw occurrence.notAllowed(allowed)
            }
        }
        effect.render = { [$0.tls.keyFormat == .pem ? "PEM" : "DER"] }
        return effect
    }

    /// A choice by its number, from 0 on.
    private static func numbered<Value: RawRepresentable<Int> & CaseIterable & Sendable>(
        _ key: OptionEffect.Key<Value>
    ) -> OptionEffect {
        let range = 0...(Value.allCases.count - 1)
        var effect = OptionEffect.wholeNumber(range)
        effect.apply = { (occurrence, draft) throws(UsageError) in
            let number = try OptionEffect.integer(occurrence, in: range)
            guard let value = Value(rawValue: number) else {
                throw occurrence.notAllowed(OptionEffect.describe(range))
            }
            draft.settings[keyPath: key] = value
        }
        effect.render = { ["\($0[keyPath: key].rawValue)"] }
        return effect
    }
}
