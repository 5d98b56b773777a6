import Testing

@testable import cached

@Suite struct SettingsAuthenticationTests {
    @Test func withoutOptionsNobodyHasToLogIn() throws {
        let environment = ["MEMCACHED_SASL_PWDB": "/etc/pwdb"]
        let settings = try SettingsRun.resolve([], environment: environment).settings
        #expect(settings == SettingsRun.defaults)
        #expect(settings.userFile == nil && !settings.authenticatesClients)
    }

    @Test func theAuthFileIsForAllProtocols() throws {
        for arguments in [
            ["-Y", "/etc/u"], ["-S", "-Y", "/etc/u"], ["-S", "--auth-file=/etc/u"],
        ] {
            let environment = ["MEMCACHED_SASL_PWDB": "/etc/pwdb"]
            let settings = try SettingsRun.resolve(arguments, environment: environment).settings
            #expect(settings.userFile == UserFile(path: "/etc/u", format: .users))
            #expect(settings.saslEnabled == (arguments[0] == "-S"))
            #expect(settings.authenticatesClients)
            #expect(settings.bindingProtocol == .auto)
        }
    }

    @Test func memcachedsPasswordDatabaseIsForSASL() throws {
        let environment = ["MEMCACHED_SASL_PWDB": "/etc/pwdb"]
        let settings = try SettingsRun.resolve(["-S"], environment: environment).settings
        #expect(settings.userFile == UserFile(path: "/etc/pwdb", format: .passwordDatabase))
        #expect(settings.bindingProtocol == .binary)
    }

    @Test func saslNeedsUsersAndAProtocolThatHasIt() throws {
        let noUsers = "option -S (--enable-sasl): needs users; name a file"
        #expect(try #require(SettingsRun.refusal(["-S"])).hasPrefix(noUsers))
        #expect(try #require(SettingsRun.refusal([], file: "enable-sasl = yes")).hasPrefix(noUsers))
        #expect(SettingsRun.refusal(["-S", "--enable-sasl=no"]) == nil)
        let message = try #require(SettingsRun.refusal(["-S", "-Y", "/etc/u", "-B", "ascii"]))
        #expect(message.hasPrefix("option -S (--enable-sasl): the text protocol has no SASL"))
        for path in ["", "/a\nb", String(repeating: "x", count: 5000)] {
            #expect(throws: UsageError.self) {
                try SettingsRun.parse(["-S"], environment: ["MEMCACHED_SASL_PWDB": path])
            }
        }
    }
}
