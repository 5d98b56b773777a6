extension SettingsDraft {
    /// SASL needs users, and a protocol that has it.
    mutating func resolveSASL() throws(UsageError) {
        guard settings.saslEnabled else { return }
        let label = "option -S (--enable-sasl)"
        if settings.bindingProtocol == .ascii {
            throw UsageError(
                message: "\(label): the text protocol has no SASL; leave out -B (--protocol), "
                    + "or give -Y (--auth-file) without -S")
        }
        // Then there is a login in text too, as in memcached with both.
        guard settings.authFilePath == nil else { return }
        guard let path = passwordDatabasePath, !path.isEmpty else {
            throw UsageError(
                message: "\(label): needs users; name a file of user:password lines with -Y "
                    + "(--auth-file), or with the environment's MEMCACHED_SASL_PWDB")
        }
        guard path.utf8.count <= SettingsLimits.pathBytesMax, !OptionValue.hasControlBytes(path)
        else {
            throw UsageError(message: "environment MEMCACHED_SASL_PWDB: is not a path")
        }
        settings.passwordDatabasePath = path
        settings.bindingProtocol = .binary
    }
}

extension Settings {
    /// Where the users are; nil if nobody has to log in.
    var userFile: UserFile? {
        if let authFilePath { return UserFile(path: authFilePath, format: .users) }
        return passwordDatabasePath.map { UserFile(path: $0, format: .passwordDatabase) }
    }

    /// Whether everybody who connects has to prove who they are.
    var authenticatesClients: Bool { userFile != nil }
}
