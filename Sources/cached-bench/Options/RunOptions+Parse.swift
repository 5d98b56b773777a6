extension RunOptions {
    /// Reads a command line. `--name=value` and `--name value` are the same.
    static func parse(_ arguments: [String]) throws(OptionError) -> RunOptions {
        var options = RunOptions()
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word == "-h" {
                options.wantsHelp = true
                continue
            }
            guard word.hasPrefix("--"), word.utf8.count > 2 else {
                throw OptionError("\(OptionText.quoted(word)) is no option; see --help")
            }
            let parts = OptionText.pair(word.dropFirst(2), "=")
            let name = parts?.0 ?? String(word.dropFirst(2))
            guard let option = RunOptionTable.find(name) else {
                throw OptionError(
                    "there is no option \(OptionText.quoted("--\(name)")); see --help")
            }
            var value = parts?.1
            if option.placeholder == nil {
                guard value == nil else { throw OptionError("--\(name) takes no value") }
            } else if value == nil {
                guard let next = rest.popFirst() else {
                    throw OptionError("--\(name) needs a value: \(option.allowed)")
                }
                value = next
            }
            try options.apply(option, value ?? "")
        }
        if !options.wantsHelp { try options.combine() }
        return options
    }

    private mutating func apply(_ option: RunOption, _ value: String) throws(OptionError) {
        guard given.insert(option.name).inserted else {
            throw OptionError("--\(option.name) is given twice")
        }
        do throws(OptionError) {
            try option.apply(&self, value)
        } catch {
            let shown = OptionText.quoted(value)
            throw OptionError(
                error.message.isEmpty
                    ? "--\(option.name): \(shown) is not allowed; it takes \(option.allowed)"
                    : "--\(option.name): \(shown) \(error.message)")
        }
    }

    /// Refuses what cannot go together, and fills in what depends on other options.
    private mutating func combine() throws(OptionError) {
        try refuse("unix", with: ["server"], "there is one server")
        try combineSources()
        try combineMix()
        if plan.requestsPerSecond != nil, !given.contains("depth") { plan.depth = 1000 }
        guard plan.connections >= plan.threads else {
            throw OptionError(
                "--threads: \(plan.threads) threads need as many --connections at least, and "
                    + "not \(plan.connections)")
        }
        guard plan.depth * plan.keysPerGet * plan.connections <= LoadLimits.keysUnderWayMax else {
            throw OptionError(
                "--connections times --depth times --keys-per-get is more than "
                    + "\(LoadLimits.keysUnderWayMax)")
        }
        try combineKeys()
        if plan.source == .generated, plan.end == LoadPlan.End() {
            plan.end.afterSeconds = 10
        }
    }

    private mutating func combineSources() throws(OptionError) {
        plan.end = LoadPlan.End(
            afterSeconds: given.contains("seconds") ? plan.end.afterSeconds : nil,
            afterRequests: plan.end.afterRequests)
        try refuse(
            "fill",
            with: [
                "fill-first", "trace", "ratio", "distribution", "keys-per-get", "look-aside",
                "verify", "seed", "seconds", "requests", "warm-up",
            ], "it sets each key once, and that is all")
        try refuse("fill-first", with: ["trace"], "a trace has keys of its own")
        try refuse(
            "trace", with: ["ratio", "distribution", "keys", "seed"],
            "a trace says which keys come when, and each is a get")
        if isFill {
            plan.source = .fill
            if !given.contains("depth") { plan.depth = 64 }
        }
        guard tracePath != nil || traceFormat == nil else {
            throw OptionError("--trace-format needs --trace")
        }
        guard let path = tracePath else { return }
        guard let format = traceFormat else {
            throw OptionError("--trace needs --trace-format: u32be, lines or oracleGeneral")
        }
        plan.source = .trace(path: path, format: format)
        plan.gets = 1
        plan.sets = 0
        if format == .lines {
            try refuse(
                "trace", with: ["key-prefix", "key-bytes"], "the keys of lines are sent as they are"
            )
        }
        if format == .oracleGeneral {
            try refuse("trace", with: ["value-size"], "this format has sizes of its own")
        }
        if plan.end.afterSeconds == nil {
            try refuse("requests", with: ["warm-up"], "a trace is counted from its beginning")
        }
    }

    private mutating func combineMix() throws(OptionError) {
        if plan.lookAside, !given.contains("ratio") {
            plan.gets = 1
            plan.sets = 0
        }
        let hasGets = plan.gets > 0 && !isFill
        let hasSets = plan.sets > 0 || isFill || fillsFirst || plan.lookAside
        if !hasGets {
            for name in ["look-aside", "keys-per-get", "verify"] where given.contains(name) {
                throw OptionError("--\(name) needs gets, and --ratio has none")
            }
        }
        guard !hasSets else { return }
        if given.contains("ttl") { throw OptionError("--ttl: nothing is set in this run") }
        for name in ["value-size", "flags"] where given.contains(name) && !plan.verifies {
            throw OptionError("--\(name): nothing is set or verified in this run")
        }
    }

    private func combineKeys() throws(OptionError) {
        if case .trace = plan.source {
            guard plan.keyPrefix.utf8.count + 20 <= LoadLimits.keyBytesMax else {
                throw OptionError("--key-prefix is too long for a trace's keys")
            }
            return
        }
        let needed = plan.keyPrefix.utf8.count + String(plan.keySpace - 1).utf8.count
        guard needed <= LoadLimits.keyBytesMax else {
            throw OptionError(
                "--key-prefix and a number make \(needed) bytes; a key has "
                    + "\(LoadLimits.keyBytesMax) at most")
        }
        guard !given.contains("key-bytes") || plan.keyBytes >= needed else {
            throw OptionError(
                "--key-bytes: \(plan.keyBytes) is too short; the prefix and the largest number "
                    + "take \(needed)")
        }
    }

    private func refuse(
        _ name: String, with others: [String], _ why: String
    ) throws(OptionError) {
        guard given.contains(name) else { return }
        for other in others where given.contains(other) {
            throw OptionError("--\(name) and --\(other) do not go together: \(why)")
        }
    }
}
