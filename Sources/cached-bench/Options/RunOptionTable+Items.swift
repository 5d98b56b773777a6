extension RunOptionTable {
    static let items: [RunOption] = [
        .number(
            "keys", \.plan.keySpace, in: 1...LoadLimits.keySpaceMax, "How many keys there are."),
        .custom(
            "key-prefix", "TEXT", allowed: "up to 230 bytes without blanks and controls",
            default: "key:", "What each key begins with; its number follows."
        ) { (options, text) throws(OptionError) in
            guard text.utf8.count <= 230, text.utf8.allSatisfy({ $0 > 32 && $0 != 127 }) else {
                throw OptionText.refused
            }
            options.plan.keyPrefix = text
        },
        .number(
            "key-bytes", \.plan.keyBytes, in: 1...LoadLimits.keyBytesMax, default: "not padded",
            "Keys are padded with zeros to this length, prefix included."),
        .custom(
            "distribution", "NAME", allowed: OptionText.distributionAllowed, default: "uniform",
            "How keys are drawn: uniform, zipf:EXPONENT (0.99, say), gaussian:DEVIATION (around "
                + "the middle, as a share of the keys: 0.1, say) or sequential."
        ) { (options, text) throws(OptionError) in
            guard let distribution = OptionText.distribution(text) else {
                throw OptionText.refused
            }
            options.plan.keyDistribution = distribution
        },
        .custom(
            "value-size", "SIZES", allowed: OptionText.sizesAllowed, default: "32",
            "Bytes of a value: 32, 10-1000 (uniform), log:10-100000 (uniform in the logarithm) or "
                + "32*9,1000*1 (sizes with weights). The size is a function of the key."
        ) { (options, text) throws(OptionError) in
            guard let sizes = OptionText.sizes(text) else { throw OptionText.refused }
            options.plan.valueSizes = sizes
        },
        .custom(
            "flags", "key|zero", allowed: "key, zero", default: "key",
            "Client flags of what is set: 16 bits that are a function of the key, or 0."
        ) { (options, text) throws(OptionError) in
            guard text == "key" || text == "zero" else { throw OptionText.refused }
            options.plan.setsFlags = text == "key"
        },
        .number(
            "ttl", \.plan.ttlSeconds, in: 0...LoadLimits.ttlSecondsMax, default: "0: never",
            "Seconds until what is set expires."),
        .toggle(
            "verify", \.plan.verifies,
            "Check every byte of every value, its key, length and flags. What is there must have "
                + "been set by this program with the same options."),
        .custom(
            "seed", "N", allowed: "a number below 2^64", default: "1",
            "Same seed, same requests."
        ) { (options, text) throws(OptionError) in
            guard text.utf8.first != UInt8(ascii: "+"), let seed = UInt64(text) else {
                throw OptionText.refused
            }
            options.plan.seed = seed
        },
    ]

    static let sources: [RunOption] = [
        .toggle("fill", \.isFill, "Only set each key once, in order: the loading phase."),
        .toggle("fill-first", \.fillsFirst, "A loading phase before the run."),
        .text(
            "trace", "FILE", \.tracePath,
            "Get the keys of a trace, in its order, until its end; over and over if --seconds is "
                + "given. A .xz, .gz or .zst file is unpacked by xz, gzip or zstd."),
        .choice(
            "trace-format", LoadPlan.TraceFormat.self, default: nil,
            "32-bit big-endian keys; lines of KEY or KEY,SIZE; or libCacheSim's binary records."
        ) { $0.traceFormat = $1 },
    ]

    static let ends: [RunOption] = [
        .custom(
            "seconds", "N", allowed: "a number above 0, up to 1000000",
            default: "10, if neither --requests, --fill nor --trace ends it",
            "How long it counts. What is under way then is waited for."
        ) { (options, text) throws(OptionError) in
            guard let value = OptionText.decimal(text), value > 0, value <= LoadLimits.secondsMax
            else { throw OptionText.refused }
            options.plan.end.afterSeconds = value
        },
        .custom(
            "requests", "N", allowed: "1 to 1000000000000", default: "no limit",
            "Requests after the warm-up; sets that follow a miss come on top."
        ) { (options, text) throws(OptionError) in
            guard let value = OptionText.integer(text), 1...1_000_000_000_000 ~= value else {
                throw OptionText.refused
            }
            options.plan.end.afterRequests = value
        },
        .custom(
            "warm-up", "SECONDS", allowed: "a number from 0 to 1000000", default: "0",
            "What is answered in the first so many seconds is not counted."
        ) { (options, text) throws(OptionError) in
            guard let value = OptionText.decimal(text), value <= LoadLimits.secondsMax else {
                throw OptionText.refused
            }
            options.plan.warmUpSeconds = value
        },
    ]

    static let report: [RunOption] = [
        .choice(
            "format", RunOptions.Format.self, default: "text",
            "A table, everything there is, or a header and a line."
        ) { $0.format = $1 },
        .text("output", "FILE", \.outputPath, "Where the report goes, instead of stdout."),
        .custom(
            "chart", "FILE", allowed: "a path that ends with .html or .svg",
            "Draws latency by percentile."
        ) { (options, text) throws(OptionError) in
            guard text.hasSuffix(".html") || text.hasSuffix(".svg") else {
                throw OptionText.refused
            }
            options.chartPath = text
        },
        .toggle(
            "quiet", \.isQuiet, "No line of progress, which a terminal otherwise gets."),
        .toggle("help", \.wantsHelp, "This page."),
    ]
}
