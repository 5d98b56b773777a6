import Testing

@testable import cached

/// Every option in each of its forms gives the same settings.
@Suite struct SettingsOptionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var forms: [[String]]
        var file: String
        var change: @Sendable (inout Settings) -> Void

        init(
            _ forms: [String], file: String, _ change: @escaping @Sendable (inout Settings) -> Void
        ) {
            // A tab between words, so that a value may hold spaces.
            self.forms = forms.map { $0.split(separator: "\t").map(String.init) }
            self.file = file
            self.change = change
        }

        var testDescription: String { file }
    }

    static let network: [Case] = [
        Case(
            ["-p\t5000", "-p5000", "--port=5000", "--port\t5000", "-U\t0\t-p\t5000"],
            file: "port = 5000"
        ) {
            $0.port = 5000
            $0.listeners = [ListenAddress(host: "127.0.0.1", port: 5000)]
        },
        Case(["-p\t0", "-p\t-1", "-p-1", "--port=-1"], file: "port = 0") {
            $0.port = 0
            $0.listeners = [ListenAddress(host: "127.0.0.1", port: 0)]
        },
        Case(
            ["-l\t0.0.0.0", "-l0.0.0.0", "-l\t 0.0.0.0", "--listen=0.0.0.0"],
            file: "listen = 0.0.0.0"
        ) { $0.listeners = [ListenAddress(host: "0.0.0.0", port: 11211)] },
        Case(["-s\t/run/c.sock", "--unix-socket=/run/c.sock"], file: "unix-socket=/run/c.sock") {
            $0.unixSocketPath = "/run/c.sock"
            $0.listeners = []
        },
        Case(["-a\t770", "-a0770", "--unix-mask=770"], file: "unix-mask = 0770") {
            $0.unixSocketMode = 0o770
        },
        Case(["--port-file=/tmp/ports"], file: "port-file = /tmp/ports") {
            $0.portFilePath = "/tmp/ports"
        },
        Case(
            ["-c\t64", "-c64", "--conn-limit=64", "--max-connections=64"], file: "conn-limit = 64"
        ) { $0.maxConnections = 64 },
        Case(
            ["-o\tno_maxconns_fast", "--maxconns-fast=no", "-omaxconns_fast,no_maxconns_fast"],
            file: "maxconns-fast = off"
        ) { $0.maxConnectionsFast = false },
        Case(["-b\t0", "--listen-backlog=0", "--backlog=0"], file: "listen-backlog = 0") {
            $0.backlog = 0
        },
        Case(["-R\t7", "--max-reqs-per-event=7", "--max-reqs\t7"], file: "max-reqs-per-event = 7") {
            $0.requestsPerEvent = 7
        },
        Case(
            ["-o\tidle_timeout=30", "--idle-timeout=30", "--extended=modern,idle_timeout=30,"],
            file: "idle-timeout = 30"
        ) { $0.idleTimeoutSeconds = 30 },
        Case(["-B\tascii", "--protocol=ascii"], file: "protocol = ascii") {
            $0.bindingProtocol = .ascii
        },
        Case(["-B\tbinary", "--protocol=binary"], file: "protocol = binary") {
            $0.bindingProtocol = .binary
        },
    ]

    static let memoryAndCulling: [Case] = [
        Case(
            ["-m\t1024", "-m1024", "--memory-limit=1g", "--memory-limit\t1024M", "-m\t1048576k"],
            file: "memory-limit = 1g"
        ) { $0.memoryLimitBytes = 1 << 30 },
        Case(["-M", "--disable-evictions"], file: "disable-evictions = yes") {
            $0.evictionDisabled = true
        },
        Case(["--eviction=s3fifo", "--eviction\ts3fifo"], file: "eviction = s3fifo") {
            $0.eviction = .s3fifo
        },
        Case(["--eviction=lru"], file: "eviction = lru") { $0.eviction = .lru },
        Case(["-I\t2m", "-I2M", "-I\t2048k", "-I\t2097152"], file: "max-item-size = 2m") {
            $0.maxItemSizeBytes = 2 << 20
        },
        Case(["-I\t700k"], file: "max-item-size = 716800") { $0.maxItemSizeBytes = 700 << 10 },
        Case(["-k", "--lock-memory"], file: "lock-memory = true") { $0.lockMemory = true },
        Case(["--shards=1024"], file: "shards = 1024") { $0.shards = 1024 },
        Case(["--hash-seed=0xff", "--hash-seed\t255"], file: "hash-seed = 255") {
            $0.hashSeed = 255
        },
        Case(["--max-entries=1"], file: "max-entries = 1") { $0.maxEntries = 1 },
        Case(["--max-entries=0"], file: "max-entries = 0") { $0.maxEntries = nil },
        Case(["--cull-frequency=0"], file: "cull-frequency = 0") { $0.cullFrequency = 0 },
        Case(["--default-ttl=300"], file: "default-ttl = 300") { $0.defaultTTLSeconds = 300 },
        Case(["--dummy", "--dummy=on"], file: "dummy = on") { $0.dummy = true },
    ]

    static let rest: [Case] = [
        Case(["-u\tnobody", "--user=nobody"], file: "user = nobody") { $0.userName = "nobody" },
        Case(["-Y\t/etc/users", "--auth-file=/etc/users"], file: "auth-file = /etc/users") {
            $0.authFilePath = "/etc/users"
        },
        Case(
            ["-S\t-Y\tu", "--enable-sasl\t--auth-file=u", "-SYu"],
            file: "auth-file = u\nenable-sasl = yes"
        ) {
            $0.authFilePath = "u"
            $0.saslEnabled = true
        },
        Case(["--auth-timeout=0"], file: "auth-timeout = 0") { $0.authTimeoutSeconds = 0 },
        Case(["--allow-public-unauthenticated"], file: "allow-public-unauthenticated = yes") {
            $0.publicUnauthenticatedAllowed = true
        },
        Case(["-A", "--enable-shutdown"], file: "enable-shutdown = 1") {
            $0.shutdownCommandEnabled = true
        },
        Case(["-F", "--disable-flush-all"], file: "disable-flush-all = YES") {
            $0.flushDisabled = true
        },
        Case(["-X", "--disable-dumping"], file: "disable-dumping = yes") {
            $0.dumpDisabled = true
        },
        Case(["-W", "--disable-watch"], file: "disable-watch = yes") { $0.watchDisabled = true },
        Case(["-t\t12", "-t12", "--threads=12", "--thr=12"], file: "threads = 12") {
            $0.workerThreads = 12
        },
        Case(["-d", "--daemon"], file: "daemon = yes") { $0.daemonize = true },
        Case(["-P\t/run/c d.pid", "--pidfile=/run/c d.pid"], file: "pidfile = '/run/c d.pid'") {
            $0.pidFilePath = "/run/c d.pid"
        },
        Case(["-r", "--enable-coredumps"], file: "enable-coredumps = yes") {
            $0.maximizeCore = true
        },
        Case(["-C", "--disable-cas"], file: "disable-cas = yes") { $0.casDisabled = true },
        Case(["-D\t=", "-D=", "--prefix-delimiter=="], file: "prefix-delimiter = =") {
            $0.prefixDelimiter = UInt8(ascii: "=")
            $0.statsDetailEnabled = true
        },
        Case(["-o\ttrack_sizes", "--track-sizes"], file: "track-sizes = yes") {
            $0.trackSizes = true
        },
        Case(
            ["-o\twatcher_logbuf_size=64", "--watcher-buffer=64"], file: "watcher-buffer = 64"
        ) { $0.watcherBufferBytes = 64 << 10 },
        Case(
            ["--cluster-nodes=a|10.0.0.1|1,b||65535", "--cluster-nodes\t a|10.0.0.1|1  b||65535,"],
            file: "cluster-nodes = 'a|10.0.0.1|1 b||65535'"
        ) {
            $0.clusterNodes = [
                ClusterNode(host: "a", address: "10.0.0.1", port: 1),
                ClusterNode(host: "b", address: "", port: 65535),
            ]
        },
        Case(["--cluster-nodes="], file: "cluster-nodes = ''") { $0.clusterNodes = [] },
        Case(["--cluster-updates"], file: "cluster-updates = yes") {
            $0.clusterUpdatesAllowed = true
        },
        Case(["-v", "--verbose", "--verbose=1"], file: "verbose = 1") { $0.verbosity = 1 },
        Case(["-vv", "-v\t-v", "--verbose=2"], file: "verbose = 2") { $0.verbosity = 2 },
        Case(["-vvv", "-vvvvv", "-vv\t--verb"], file: "verbose = 3") { $0.verbosity = 3 },
    ]

    @Test(arguments: network + memoryAndCulling + rest)
    func everyFormGivesTheSameSettings(_ option: Case) throws {
        var expected = SettingsRun.defaults
        option.change(&expected)
        for form in option.forms {
            let run = try SettingsRun.resolve(form)
            #expect(run.settings == expected, "\(form)")
            #expect(run.warnings == [], "\(form)")
        }
        let run = try SettingsRun.resolve([], file: option.file)
        #expect(run.settings == expected)
        #expect(run.warnings == [])
    }

    @Test func defaultsAreThoseOfMemcachedOnLoopback() throws {
        let settings = try SettingsRun.resolve([]).settings
        #expect(settings.listeners == [ListenAddress(host: "127.0.0.1", port: 11211)])
        #expect(settings.memoryLimitBytes == 64 << 20)
        #expect(settings.maxItemSizeBytes == 1 << 20)
        #expect(settings.maxConnections == 1024)
        #expect(settings.requestsPerEvent == 20)
        #expect(settings.backlog == 1024)
        #expect(settings.unixSocketMode == 0o700)
        #expect(settings.workerThreads == 6)
        #expect(settings.prefixDelimiter == UInt8(ascii: ":"))
        #expect(settings.cullFrequency == 3)
        #expect(settings.maxConnectionsFast)
    }

    @Test func lettersCombineInOneCluster() throws {
        let settings = try SettingsRun.resolve(["-vkMm", "128", "-dAvp5000"]).settings
        #expect(settings.verbosity == 2)
        #expect(settings.lockMemory && settings.evictionDisabled && settings.daemonize)
        #expect(settings.shutdownCommandEnabled)
        #expect(settings.memoryLimitBytes == 128 << 20)
        #expect(settings.port == 5000)
    }

    @Test func unitFilesOfDistributionsWork() throws {
        let redHat = ["-p", "11211", "-u", "memcached", "-m", "64", "-c", "1024", ""]
        #expect(try SettingsRun.resolve(redHat).warnings == [])
        let words = [
            "-d", "-m", "64", "-p", "11211", "-u", "memcache", "-l", "127.0.0.1", "-P",
            "/var/run/memcached/memcached.pid", "-o", "modern,drop_privileges",
        ]
        #expect(try SettingsRun.resolve(words).warnings.count == 1)
    }

    @Test func coreCountIsBounded() {
        #expect(Settings.defaults(coreCount: 0).workerThreads == 1)
        #expect(Settings.defaults(coreCount: .max).workerThreads == 1024)
        #expect(Settings.defaults(coreCount: .min).workerThreads == 1)
    }
}
