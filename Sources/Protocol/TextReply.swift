/// What memcached answers, to the letter, each with its line ending.
public enum TextReply {
    public static let stored: StaticString = "STORED\r\n"
    public static let notStored: StaticString = "NOT_STORED\r\n"
    public static let exists: StaticString = "EXISTS\r\n"
    public static let notFound: StaticString = "NOT_FOUND\r\n"
    public static let deleted: StaticString = "DELETED\r\n"
    public static let touched: StaticString = "TOUCHED\r\n"
    public static let ok: StaticString = "OK\r\n"
    public static let end: StaticString = "END\r\n"
    public static let reset: StaticString = "RESET\r\n"
    public static let lineEnd: StaticString = "\r\n"

    public static let error: StaticString = "ERROR\r\n"
    public static let badFormat: StaticString = "CLIENT_ERROR bad command line format\r\n"
    public static let badLine: StaticString = "CLIENT_ERROR bad command line\r\n"
    public static let badDataChunk: StaticString = "CLIENT_ERROR bad data chunk\r\n"
    public static let invalidExptime: StaticString = "CLIENT_ERROR invalid exptime argument\r\n"
    public static let invalidDelta: StaticString =
        "CLIENT_ERROR invalid numeric delta argument\r\n"
    public static let notNumeric: StaticString =
        "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n"
    public static let flushNotAllowed: StaticString = "CLIENT_ERROR flush_all not allowed\r\n"
    public static let invalidShutdown: StaticString = "CLIENT_ERROR invalid shutdown mode\r\n"
    public static let statsDetailUsage: StaticString =
        "CLIENT_ERROR usage: stats detail on|off|dump\r\n"
    public static let statsDetailNotAllowed: StaticString =
        "CLIENT_ERROR stats detail not allowed\r\n"
    public static let cachedumpNotAllowed: StaticString =
        "CLIENT_ERROR stats cachedump not allowed\r\n"
    public static let illegalSlab: StaticString = "CLIENT_ERROR Illegal slab id\r\n"
    public static let unauthenticated: StaticString = "CLIENT_ERROR unauthenticated\r\n"
    public static let authTokenTooLong: StaticString = "CLIENT_ERROR auth token too long\r\n"
    public static let badTermination: StaticString =
        "CLIENT_ERROR bad command line termination\r\n"
    public static let badAuthToken: StaticString =
        "CLIENT_ERROR bad authentication token format\r\n"
    public static let authenticationFailure: StaticString =
        "CLIENT_ERROR authentication failure\r\n"
    public static let tooLarge: StaticString = "SERVER_ERROR object too large for cache\r\n"
    public static let outOfMemoryStoring: StaticString =
        "SERVER_ERROR out of memory storing object\r\n"
    public static let outOfMemory: StaticString = "SERVER_ERROR out of memory\r\n"
    /// With this very colon.
    public static let shutdownNotEnabled: StaticString = "SERVER_ERROR: shutdown not enabled\r\n"
    public static let duplicateFlag: StaticString = "CLIENT_ERROR duplicate flag\r\n"
    public static let invalidFlag: StaticString = "CLIENT_ERROR invalid flag\r\n"
    public static let badToken: StaticString =
        "CLIENT_ERROR bad token in command line format\r\n"
    public static let metaFlagsTooLong: StaticString =
        "CLIENT_ERROR options flags are too long\r\n"
    public static let opaqueTooLong: StaticString = "CLIENT_ERROR opaque token too long\r\n"
    public static let keyNotDecodable: StaticString = "CLIENT_ERROR error decoding key\r\n"
    public static let invalidInitial: StaticString =
        "CLIENT_ERROR invalid numeric initial value\r\n"
    public static let invalidDeltaValue: StaticString =
        "CLIENT_ERROR invalid numeric delta value\r\n"
    public static let invalidSetMode: StaticString =
        "CLIENT_ERROR invalid mode for ms M token\r\n"
    public static let invalidArithmeticMode: StaticString =
        "CLIENT_ERROR invalid mode for ma M token\r\n"
    /// What `ma` says of any flag that is wrong.
    public static let arithmeticFlags: StaticString =
        "CLIENT_ERROR invalid or duplicate flag\r\n"
    public static let outOfMemoryAllocating: StaticString =
        "SERVER_ERROR Out of memory allocating new item\r\n"
    public static let metaMiss: StaticString = "EN\r\n"
    public static let metaNoop: StaticString = "MN\r\n"
    public static let tlsNotEnabled: StaticString = "Error TLS not enabled\r\n"
    public static let tooManyConnections: StaticString = "ERROR Too many open connections\r\n"
    public static let memlimitTooSmall: StaticString =
        "MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m\r\n"
    public static let memlimitNotMegabytes: StaticString =
        "MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes\r\n"
    public static let memlimitFailed: StaticString =
        "MEMLIMIT_ADJUST_FAILED out of bounds or unable to adjust\r\n"
}

/// What memcached answers to operators.
extension TextReply {
    public static let crawlerDisabled: StaticString = "CLIENT_ERROR lru crawler disabled\r\n"
    public static let crawlerBusy: StaticString = "BUSY currently processing crawler request\r\n"
    public static let crawlerBadClass: StaticString = "BADCLASS invalid class id\r\n"
    public static let crawlerNotStarted: StaticString = "NOTSTARTED no items to crawl\r\n"
    public static let crawlerUnknown: StaticString = "ERROR an unknown error happened\r\n"
    public static let crawlerFailed: StaticString =
        "ERROR failed to start lru crawler thread\r\n"
    public static let metadumpNotAllowed: StaticString = "ERROR metadump not allowed\r\n"
    public static let mgdumpNotAllowed: StaticString = "ERROR key dump not allowed\r\n"
    public static let metaEnd: StaticString = "EN\r\n"
    public static let sleepTooLong: StaticString =
        "CLIENT_ERROR sleep must be one second or less\r\n"
    public static let percentTooHigh: StaticString =
        "ERROR hot and warm pcts must not exceed 80\r\n"
    public static let factorTooLow: StaticString =
        "ERROR hot/warm age factors must be greater than 0\r\n"
    public static let automoveWindow: StaticString =
        "CLIENT_ERROR automove window too low or too high\r\n"
    public static let reassignSame: StaticString = "SAME src and dst class are identical\r\n"
    public static let reassignBadClass: StaticString =
        "BADCLASS invalid src or dst class id\r\n"
    public static let reassignNoSpare: StaticString =
        "NOSPARE source class has no spare pages\r\n"
    public static let watchNotAllowed: StaticString =
        "CLIENT_ERROR watch commands not allowed\r\n"
    public static let tooManyWatchers: StaticString =
        "WATCHER_TOO_MANY log watcher limit reached\r\n"
    /// These two are ours: memcached has no such command.
    public static let clusterNotAllowed: StaticString = "CLIENT_ERROR config set not allowed\r\n"
    public static let clusterInvalid: StaticString =
        "CLIENT_ERROR invalid cluster configuration\r\n"
}

extension ByteBuffer {
    /// The line before a value: `VALUE <key> <flags> <bytes>[ <cas>]`.
    @inlinable
    public mutating func appendValueLine(
        key: Span<UInt8>, flags: UInt32, length: Int, cas: UInt64?
    ) {
        append("VALUE ")
        append(key)
        append(UInt8(ascii: " "))
        appendDecimal(UInt64(flags))
        append(UInt8(ascii: " "))
        appendDecimal(UInt64(truncatingIfNeeded: length))
        if let cas {
            append(UInt8(ascii: " "))
            appendDecimal(cas)
        }
        append(TextReply.lineEnd)
    }

    /// `STAT <name> <value>`.
    public mutating func appendStat(_ name: String, _ value: String) {
        append("STAT ")
        append(name)
        append(UInt8(ascii: " "))
        append(value)
        append(TextReply.lineEnd)
    }
}
