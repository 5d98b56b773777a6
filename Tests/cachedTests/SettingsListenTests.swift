import Testing

@testable import cached

@Suite struct SettingsListenTests {
    static let accepted: [(String, [ListenAddress])] = [
        ("localhost", [ListenAddress(host: "localhost", port: 11211)]),
        ("fooble", [ListenAddress(host: "fooble", port: 11211)]),
        ("10.0.0.1:99", [ListenAddress(host: "10.0.0.1", port: 99)]),
        ("10.0.0.1:0", [ListenAddress(host: "10.0.0.1", port: 0)]),
        ("10.0.0.1:-1", [ListenAddress(host: "10.0.0.1", port: 0)]),
        ("[::1]", [ListenAddress(host: "::1", port: 11211)]),
        ("[::1]:99", [ListenAddress(host: "::1", port: 99)]),
        ("::1", [ListenAddress(host: "::1", port: 11211)]),
        ("[fe80::1%eth0]:99", [ListenAddress(host: "fe80::1%eth0", port: 99)]),
        ("*", [ListenAddress(host: nil, port: 11211)]),
        ("*:99", [ListenAddress(host: nil, port: 99)]),
        ("proto[ascii]:tag[web]:h:9", [ListenAddress(host: "h", port: 9)]),
        ("proto[negotiating]:h", [ListenAddress(host: "h", port: 11211)]),
        ("tag_web_:[::1]:9", [ListenAddress(host: "::1", port: 9)]),
        ("a, b;c,", ["a", "b", "c"].map { ListenAddress(host: $0, port: 11211) }),
        ("a,a:11211,a", [ListenAddress(host: "a", port: 11211)]),
    ]

    @Test(arguments: accepted)
    func addressesAreTakenApart(_ text: String, _ expected: [ListenAddress]) throws {
        #expect(try SettingsRun.resolve(["-l", text]).settings.listeners == expected)
    }

    @Test(arguments: [
        "", " ", ",", "h:", "h:x", "h:65536", "h:-2", "h:99999999999999999999", ":99", "[::1",
        "[::1]x", "[::1]:", "[]", "a b", "h/24", "h\u{301}", "proto[binary]:h", "proto[proxy]:h",
        "proto[http]:h", "proto[ascii", "proto[ascii]h", "tag[]:h", "tag[ninechars]:h", "notls:h",
        "btls:h", "mtls:h", "unix:/tmp/x", String(repeating: "a", count: 256),
    ])
    func malformedAddressesAreRefused(_ text: String) throws {
        let message = try #require(SettingsRun.refusal(["-l", text]))
        #expect(message.hasPrefix("option -l (--listen): "))
    }

    @Test func repeatedAddressesAccumulate() throws {
        let run = try SettingsRun.resolve(["-l", "a", "-l", "b:5", "-p", "7", "-l", "a:7"])
        #expect(run.settings.listeners.map(\.description) == ["a:7", "b:5"])
    }

    @Test func addressesAreBounded() {
        let many = (0...SettingsLimits.listenersMax).map { "h\($0)" }.joined(separator: ",")
        #expect(
            SettingsRun.refusal(["-l", many]) == "option -l (--listen): more than 64 addresses")
    }

    @Test func aTagWarnsOnce() throws {
        let run = try SettingsRun.resolve(["-l", "tag[a]:h,tag[b]:i", "-l", "tag[c]:j"])
        #expect(run.warnings.count == 1)
        #expect(run.settings.listeners.count == 3)
    }

    @Test func unixSocketTurnsTCPOff() throws {
        let run = try SettingsRun.resolve(["-s", "/tmp/s", "-p", "5000", "-l", "0.0.0.0"])
        #expect(run.settings.listeners == [])
        #expect(run.warnings.count == 1)
        #expect(try SettingsRun.resolve(["-s", "/tmp/s", "-p", "5000"]).warnings == [])
    }

    @Test func udpPortMovesTCPUnlessThatIsGiven() throws {
        let alone = try SettingsRun.resolve(["-U", "5000"])
        #expect(alone.settings.port == 5000)
        #expect(alone.warnings.count == 1)
        let both = try SettingsRun.resolve(["-U", "5000", "-p", "6000"])
        #expect(both.settings.port == 6000)
        #expect(both.warnings.count == 1)
        #expect(try SettingsRun.resolve(["-U", "0"]).warnings == [])
    }
}
