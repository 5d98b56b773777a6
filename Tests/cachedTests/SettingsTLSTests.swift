import Testing

@testable import cached

/// The options of TLS, of which a build without it has only the rows.
@Suite struct SettingsTLSTests {
    /// What the named rows make of the defaults.
    static func draft(_ values: [(String, String?)]) throws -> SettingsDraft {
        var draft = SettingsDraft(defaults: SettingsRun.defaults)
        for (name, value) in values {
            let definition = try #require(OptionTable.ofTLS.first { $0.names.first == name })
            let occurrence = Occurrence(
                definition: definition, label: definition.label, value: value)
            try definition.effect.apply(occurrence, &draft)
        }
        return draft
    }

    static let accepted: [(String, String?, @Sendable (inout TLSSettings) -> Void)] = [
        ("enable-ssl", nil, { $0.isEnabled = true }),
        ("ssl-chain-cert", "/a b.pem", { $0.chainPath = "/a b.pem" }),
        ("ssl-key", "key.pem", { $0.keyPath = "key.pem" }),
        ("ssl-keyformat", "DER", { $0.keyFormat = .der }),
        ("ssl-keyformat", "2", { $0.keyFormat = .der }),
        ("ssl-keyformat", "pem", { $0.keyFormat = .pem }),
        ("ssl-verify-mode", "0", { $0.verifyMode = .none }),
        ("ssl-verify-mode", "1", { $0.verifyMode = .request }),
        ("ssl-verify-mode", "2", { $0.verifyMode = .require }),
        ("ssl-verify-mode", "3", { $0.verifyMode = .once }),
        ("ssl-ca-cert", "ca", { $0.authorityPath = "ca" }),
        ("ssl-min-version", "0", { $0.minimumVersion = .tls1_0 }),
        ("ssl-min-version", "3", { $0.minimumVersion = .tls1_3 }),
        ("ssl-ciphers", "HIGH:!aNULL", { $0.ciphers = "HIGH:!aNULL" }),
        ("ssl-wbuf-size", "16", { $0.writeBufferBytes = 16 << 10 }),
        ("ssl-wbuf-size", "1m", { $0.writeBufferBytes = 1 << 20 }),
        ("ssl-session-cache", nil, { $0.sessionCacheEnabled = true }),
        ("ssl-kernel-tls", "yes", { $0.kernelTLSEnabled = true }),
    ]

    @Test func eachRowSetsWhatItSaysAndCanBeWritten() throws {
        for (name, value, change) in Self.accepted {
            var expected = TLSSettings()
            change(&expected)
            let settings = try Self.draft([(name, value)]).settings
            #expect(settings.tls == expected, "\(name)")
            let definition = try #require(OptionTable.ofTLS.first { $0.names.first == name })
            let written = try #require(definition.effect.render?(settings)?.first)
            #expect(try Self.draft([(name, written)]).settings.tls == expected, "\(name)")
        }
        #expect(Set(Self.accepted.map(\.0)) == Set(OptionTable.ofTLS.compactMap(\.names.first)))
    }

    @Test(arguments: [
        ("ssl-keyformat", "ENGINE"), ("ssl-keyformat", "3"), ("ssl-keyformat", ""),
        ("ssl-verify-mode", "4"), ("ssl-verify-mode", "-1"), ("ssl-verify-mode", "x"),
        ("ssl-min-version", "4"), ("ssl-min-version", "1.2"), ("ssl-wbuf-size", "0"),
        ("ssl-wbuf-size", "17m"), ("ssl-wbuf-size", "18446744073709551615"),
        ("ssl-chain-cert", ""), ("ssl-key", "/a\nb"), ("ssl-ciphers", "\u{0}"),
        ("ssl-session-cache", "maybe"),
    ])
    func whatCannotBeIsRefused(_ name: String, _ value: String) {
        #expect(throws: UsageError.self) { try Self.draft([(name, value)]) }
    }

    @Test func settingsAreCheckedAgainstEachOther() throws {
        var draft = try Self.draft([("enable-ssl", nil)])
        #expect(throws: UsageError.self) { try draft.resolve() }

        draft = try Self.draft([("enable-ssl", nil), ("ssl-chain-cert", "c")])
        #expect(try draft.resolve().tls.isEnabled)
        #expect(draft.warnings == [])

        draft = try Self.draft([("ssl-chain-cert", "c")])
        _ = try draft.resolve()
        #expect(draft.warnings.count == 1)

        draft = try Self.draft([
            ("enable-ssl", nil), ("ssl-chain-cert", "c"), ("ssl-verify-mode", "2"),
        ])
        _ = try draft.resolve()
        #expect(draft.warnings.count == 1)

        draft = try Self.draft([("enable-ssl", nil), ("ssl-chain-cert", "c")])
        draft.settings.unixSocketPath = "/s"
        _ = try draft.resolve()
        #expect(draft.warnings.count == 1)
    }

    @Test func listenersMayBeOfTheirOwnKind() throws {
        let text = "notls:a,btls:[::1]:5,mtls:*,notls:proto[ascii]:tag[x]:b:6,c"
        var draft = try Self.draft([("enable-ssl", nil), ("ssl-chain-cert", "c")])
        draft.listenRequests = try ListenRequest.parseList(text).map { request in
            var request = request
            request.hasTag = false
            return request
        }
        let listeners = try draft.resolve().listeners
        #expect(
            listeners.map(\.description) == [
                "notls:a:11211", "btls:[::1]:5", "mtls:*:11211", "notls:b:6", "c:11211",
            ])
        #expect(
            listeners.map(\.security) == [.plain, .serverOnly, .mutual, .plain, .standard])
        for listener in listeners {
            let written = try ListenRequest.parseList(listener.description)
            #expect(written.map { $0.resolved(defaultPort: 0) } == [listener])
        }
    }

    @Test func prefixesNeedTLS() throws {
        for prefix in ["notls", "btls", "mtls"] {
            let message = try #require(SettingsRun.refusal(["-l", "\(prefix):h"]))
            #expect(message.hasPrefix("option -l (--listen): prefix '\(prefix):': "))
        }
        for malformed in ["notls:", "notls:notls:h", "mtls:proto[http]:h"] {
            #expect(SettingsRun.refusal(["-l", malformed]) != nil, "\(malformed)")
        }
        #expect(try SettingsRun.resolve(["-l", "notls"]).settings.listeners[0].host == "notls")
    }

    @Test func whoMustShowACertificate() {
        var settings = TLSSettings()
        #expect(!settings.asksForCertificate(.mutual))
        settings.isEnabled = true
        for mode in TLSVerifyMode.allCases {
            settings.verifyMode = mode
            #expect(settings.asksForCertificate(.standard) == (mode.rawValue >= 2))
            #expect(settings.asksForCertificate(.mutual))
            #expect(!settings.asksForCertificate(.plain))
            #expect(!settings.asksForCertificate(.serverOnly))
        }
    }

    @Test func pathsAreMadeAbsolute() {
        var settings = TLSSettings()
        settings.chainPath = "a/b"
        settings.keyPath = "/c"
        settings.makePathsAbsolute()
        #expect(settings.chainPath?.hasPrefix("/") == true)
        #expect(settings.chainPath?.hasSuffix("/a/b") == true)
        #expect(settings.keyPath == "/c")
        #expect(settings.authorityPath == nil)
    }

    @Test func aBuildWithoutTLSRefusesEachByName() throws {
        guard !TLSSettings.isAvailable else { return }
        for definition in OptionTable.ofTLS {
            let name = try #require(definition.names.first)
            let value = definition.effect.valueUse == .required ? "=1" : ""
            let message = try #require(SettingsRun.refusal(["--\(name)\(value)"]))
            #expect(message.contains("swift build -c release --traits TLS"), "\(name)")
        }
    }
}
