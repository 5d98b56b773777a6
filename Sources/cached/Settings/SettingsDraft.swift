/// Settings while options are laid over them, with what can be decided only at the end.
struct SettingsDraft {
    var settings: Settings
    private(set) var warnings: [String] = []

    /// `-l` in the order given; nil while there was none.
    var listenRequests: [ListenRequest]?
    /// `-p` was given, in the file or on the command line.
    var isPortGiven = false
    /// `-U` with a port: memcached then moves TCP there too, unless `-p` says otherwise.
    var udpPort: Int?

    /// The environment's MEMCACHED_SASL_PWDB.
    var passwordDatabasePath: String?

    private var warnedIdentities: Set<String> = []

    init(defaults: Settings) {
        settings = defaults
    }

    /// One warning line for an option, however often it is given.
    mutating func warn(_ occurrence: Occurrence, _ text: String) {
        guard warnedIdentities.insert(occurrence.definition.identity).inserted else { return }
        warnings.append("\(occurrence.label): \(text)")
    }

    /// The same for what no single option is to blame for.
    mutating func warn(_ text: String) { warnings.append(text) }

    /// Adds addresses, leaving out those already there: listening twice on one would fail.
    mutating func listen(_ requests: [ListenRequest], _ occurrence: Occurrence)
        throws(UsageError)
    {
        var all = listenRequests ?? []
        for request in requests where !all.contains(request) { all.append(request) }
        guard all.count <= SettingsLimits.listenersMax else {
            throw UsageError(
                message: "\(occurrence.label): more than \(SettingsLimits.listenersMax) addresses")
        }
        listenRequests = all
    }

    /// Settles what depends on several options, and checks them against each other.
    mutating func resolve() throws(UsageError) -> Settings {
        if let udpPort, !isPortGiven { settings.port = udpPort }
        let defaultRequests = [ListenRequest(host: ListenAddress.loopbackHost)]
        // memcached opens no TCP port beside a unix socket, whatever -p and -l say.
        let requests = settings.unixSocketPath == nil ? listenRequests ?? defaultRequests : []
        if settings.unixSocketPath != nil, listenRequests != nil {
            warnings.append(
                "option -l (--listen): has no effect: -s (--unix-socket) turns TCP off")
        }
        settings.listeners = []
        for request in requests {
            let address = request.resolved(defaultPort: settings.port)
            if !settings.listeners.contains(address) { settings.listeners.append(address) }
        }
        try checkItemSize()
        try resolveSASL()
        try resolveTLS()
        return settings
    }

    private func checkItemSize() throws(UsageError) {
        let limit = settings.memoryLimitBytes
        let item = UInt64(clamping: settings.maxItemSizeBytes)
        guard item > limit / 2 else { return }
        let itemText = OptionValue.sizeText(item)
        let limitText = OptionValue.sizeText(limit)
        throw UsageError(
            message: "option -I (--max-item-size): \(itemText) is more than half of the memory "
                + "limit, -m (--memory-limit) \(limitText); allowed with it are "
                + "1k to \(OptionValue.sizeText(limit / 2))")
    }
}
