extension OptionTable {
    static let network: [OptionDefinition] = [
        OptionDefinition(
            "p", "port", group: .network, placeholder: "NUM", effect: port(),
            help: "TCP port; 0 takes a free one."),
        OptionDefinition(
            "l", "listen", group: .network, placeholder: "ADDR", defaultText: "127.0.0.1",
            effect: listen(),
            help: """
                Address to listen on: HOST, HOST:PORT, [IPV6] or [IPV6]:PORT; * is every \
                interface. Several with commas, or by repeating it. notls: before it keeps an \
                address from being encrypted under -Z.
                """),
        OptionDefinition(
            "s", "unix-socket", group: .network, placeholder: "FILE",
            effect: .text(
                \.unixSocketPath, bytesMax: SettingsLimits.unixSocketPathBytesMax, what: "a path"),
            help: "Listen on a unix socket; turns TCP off, -p and -l included."),
        OptionDefinition(
            "a", "unix-mask", "unix-socket-mode", group: .network, placeholder: "MODE",
            effect: unixMode(), help: "Permissions of the unix socket, octal."),
        OptionDefinition(
            nil, "port-file", group: .network, placeholder: "FILE",
            effect: .text(\.portFilePath, bytesMax: SettingsLimits.pathBytesMax, what: "a path"),
            help: """
                Write the ports in use to a file. The environment's MEMCACHED_PORT_FILENAME \
                does the same.
                """),
        OptionDefinition(
            "c", "conn-limit", "max-connections", group: .network, placeholder: "NUM",
            effect: .number(\.maxConnections, in: 1...SettingsLimits.int32Max),
            help: "Connections open at once."),
        OptionDefinition(
            nil, "maxconns-fast", subOption: "maxconns_fast",
            negatedSubOption: "no_maxconns_fast", group: .network,
            effect: .flag(\.maxConnectionsFast),
            help: """
                At that limit, answer a new connection with an error; with 'no' it waits until \
                another one ends.
                """),
        OptionDefinition(
            "b", "listen-backlog", "backlog", group: .network, placeholder: "NUM",
            effect: .number(\.backlog, in: 0...SettingsLimits.int32Max),
            help: "Connections that may wait to be accepted."),
        OptionDefinition(
            "R", "max-reqs-per-event", "requests-per-event", group: .network, placeholder: "NUM",
            effect: .number(\.requestsPerEvent, in: 1...SettingsLimits.int32Max),
            help: "Requests of one connection before others get their turn."),
        OptionDefinition(
            nil, "idle-timeout", subOption: "idle_timeout", group: .network, placeholder: "SEC",
            effect: .number(\.idleTimeoutSeconds, in: 0...SettingsLimits.int32Max),
            help: "Close a connection silent for so many seconds; 0 never."),
        OptionDefinition(
            "B", "protocol", group: .network, placeholder: "NAME", effect: bindingProtocol(),
            help: "Protocol of the connections; auto goes by their first byte."),
        OptionDefinition(
            "U", "udp-port", group: .compatibility, placeholder: "NUM", isHidden: true,
            effect: udpPort()),
    ]

    private static let portsAllowed = "0 to 65535, or -1 for a free one"

    private static func port() -> OptionEffect {
        var effect = OptionEffect.wholeNumber(0...SettingsLimits.portMax)
        effect.apply = { (occurrence, draft) throws(UsageError) in
            let port = try OptionEffect.integer(
                occurrence, in: -1...SettingsLimits.portMax, allowed: portsAllowed)
            draft.settings.port = max(port, 0)
            draft.isPortGiven = true
        }
        effect.render = { ["\($0.port)"] }
        return effect
    }

    private static func listen() -> OptionEffect {
        var effect = OptionEffect(valueUse: .required, isRepeatable: true)
        effect.apply = { (occurrence, draft) throws(UsageError) in
            let requests: [ListenRequest]
            do throws(InvalidValue) {
                requests = try ListenRequest.parseList(occurrence.value ?? "")
            } catch {
                throw occurrence.refused("\(error.reason); takes HOST, HOST:PORT or [IPV6]:PORT")
            }
            if requests.contains(where: \.hasTag) {
                draft.warn(occurrence, "tag[...] has no effect: connections are not tagged here")
            }
            let untagged = requests.map { request in
                var request = request
                request.hasTag = false
                return request
            }
            try draft.listen(untagged, occurrence)
        }
        // A port that is the common one is left out, so that a later -p still moves it.
        effect.render = { settings in
            settings.listeners.map { $0.port == settings.port ? $0.hostText : $0.description }
        }
        effect.reset = { $0.listenRequests = nil }
        return effect
    }

    private static func unixMode() -> OptionEffect {
        var effect = OptionEffect(
            valueUse: .required, allowed: "0 to 777", allowedInHelp: "0 to 777")
        effect.apply = { (occurrence, draft) throws(UsageError) in
            guard let mode = OptionValue.octal(occurrence.value ?? ""), mode <= 0o777 else {
                throw occurrence.notAllowed("0 to 777 in octal digits")
            }
            draft.settings.unixSocketMode = mode
        }
        effect.render = { [String($0.unixSocketMode, radix: 8)] }
        return effect
    }

    private static func bindingProtocol() -> OptionEffect {
        var effect = OptionEffect(
            valueUse: .required, allowed: "auto, ascii or binary",
            allowedInHelp: "auto, ascii or binary")
        effect.apply = { (occurrence, draft) throws(UsageError) in
            guard let choice = BindingProtocol(rawValue: occurrence.value ?? "") else {
                throw occurrence.notAllowed("auto, ascii or binary")
            }
            draft.settings.bindingProtocol = choice
        }
        effect.render = { [$0.bindingProtocol.rawValue] }
        return effect
    }

    private static func udpPort() -> OptionEffect {
        let why = "UDP is not offered"
        var effect = OptionEffect(
            valueUse: .required, allowed: "0 to 65535", outcome: .ignored(why: why))
        effect.apply = { (occurrence, draft) throws(UsageError) in
            let port = try OptionEffect.integer(occurrence, in: 0...SettingsLimits.portMax)
            draft.udpPort = port == 0 ? nil : port
            // 0 asks for no UDP, which is what there is.
            if port != 0 {
                draft.warn(occurrence, "\(why); without -p its port becomes the TCP port")
            }
        }
        return effect
    }
}
