/// Everything that decides what a run sends: the options, read and checked.
struct LoadPlan: Sendable {
    /// Where the server is.
    enum Target: Sendable, Equatable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    enum ProtocolKind: String, Sendable, CaseIterable { case text, meta, binary }

    /// How keys are drawn from `0 ..< keySpace`.
    enum KeyDistribution: Sendable, Equatable {
        case uniform
        /// Exponent above 0; rank 0 is the most frequent.
        case zipf(exponent: Double)
        /// Around the middle of the key space; deviation as a share of it.
        case gaussian(deviation: Double)
        case sequential
    }

    struct WeightedSize: Sendable, Equatable {
        let bytes: Int
        let weight: Int
    }

    enum ValueSizes: Sendable, Equatable {
        case fixed(Int)
        case uniform(ClosedRange<Int>)
        /// Uniform in the logarithm: as many values from 10 to 100 bytes as from 100 to 1,000.
        case logUniform(ClosedRange<Int>)
        case list([WeightedSize])
    }

    /// When the run ends: whichever comes first. One of them is set, or the source has an end:
    /// a loading phase, or a trace, which is begun again only if `afterSeconds` is set.
    struct End: Sendable, Equatable {
        var afterSeconds: Double?
        /// Requests drawn from the source after the warm-up; the sets of a look-aside cache that
        /// follow misses come on top.
        var afterRequests: Int?
    }

    enum Source: Sendable, Equatable {
        /// Keys from the distribution, gets and sets by `gets : sets`.
        case generated
        /// Each key of the key space is set once, in order: the loading phase.
        case fill
        /// Keys (and sizes, where the format has them) from a file.
        case trace(path: String, format: TraceFormat)
    }

    enum TraceFormat: String, Sendable, CaseIterable {
        /// 32-bit big-endian keys, one a request.
        case u32be
        /// `KEY` or `KEY,SIZE` lines; the keys are sent as they stand.
        case lines
        /// libCacheSim's binary records of 24 bytes.
        case oracleGeneral
    }

    var target = Target.tcp(host: "127.0.0.1", port: 11211)
    var protocolKind = ProtocolKind.text
    var source = Source.generated
    var threads = 1
    /// In all, over the threads.
    var connections = 32
    /// Requests that a connection has under way.
    var depth = 1
    /// Keys in one get.
    var keysPerGet = 1
    /// Gets and sets in the mix, 10 : 1 say.
    var gets = 10
    var sets = 1
    /// A get that misses is followed by a set of the same key.
    var lookAside = false
    var keySpace = 200_000
    var keyPrefix = "key:"
    /// Keys are padded with zeros to this length, prefix included; 0: not padded.
    var keyBytes = 0
    var keyDistribution = KeyDistribution.uniform
    var valueSizes = ValueSizes.fixed(32)
    /// Seconds; 0: never.
    var ttlSeconds = 0
    /// Values carry client flags that are a function of their key, and not 0.
    var setsFlags = true
    var verifies = false
    var end = End(afterSeconds: 10, afterRequests: nil)
    /// What is answered in the first so many seconds is not counted.
    var warmUpSeconds = 0.0
    /// Open loop: requests a second over all connections, each sent when it is due.
    /// nil: closed loop.
    var requestsPerSecond: Double?
    var seed: UInt64 = 1
    /// The server's process, for its CPU time and memory; nil: asked from `stats`, if it is local.
    var serverPID: Int32?
}

extension LoadPlan {
    /// The loading phase before it: as fast as it goes, and nothing but sets.
    var filling: LoadPlan {
        var fill = self
        fill.source = .fill
        fill.end = End()
        // Within the limit for any number of connections.
        fill.depth = 64
        fill.keysPerGet = 1
        fill.gets = 0
        fill.sets = 1
        fill.requestsPerSecond = nil
        fill.warmUpSeconds = 0
        fill.lookAside = false
        fill.verifies = false
        return fill
    }
}

extension LoadPlan.Target {
    /// As `--server` and `--unix` take it.
    var text: String {
        switch self {
        case .unix(let path): return path
        case .tcp(let host, let port):
            return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}
