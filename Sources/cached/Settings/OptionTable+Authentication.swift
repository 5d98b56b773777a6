extension OptionTable {
    static let authentication: [OptionDefinition] = [
        OptionDefinition(
            "Y", "auth-file", group: .security, placeholder: "FILE",
            effect: .text(\.authFilePath, bytesMax: SettingsLimits.pathBytesMax, what: "a path"),
            help: """
                Everybody has to log in: by a first 'set' of 'user password', or by SASL PLAIN. \
                The file has a user:password a line, plain or hashed by crypt(3); SIGHUP reads it \
                again.
                """),
        OptionDefinition(
            "S", "enable-sasl", group: .security, effect: .flag(\.saslEnabled),
            help: """
                Log in by SASL, in the binary protocol. Without -Y, the users are those of the \
                file that the environment's MEMCACHED_SASL_PWDB names, and there is no text.
                """),
        OptionDefinition(
            nil, "auth-timeout", group: .security, placeholder: "SEC",
            effect: .number(\.authTimeoutSeconds, in: 0...SettingsLimits.int32Max),
            help: "Close a connection that takes longer to log in; 0 never."),
        OptionDefinition(
            nil, "allow-public-unauthenticated", group: .security,
            effect: .flag(\.publicUnauthenticatedAllowed),
            help: "Listen where other machines can connect, although nobody has to log in."),
    ]
}
