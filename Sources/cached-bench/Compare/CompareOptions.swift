import Glibc

/// What `cached-bench compare` is asked for.
struct CompareOptions {
    var programs: ServerPrograms
    var repetitions = 5
    /// Of each measurement.
    var seconds = 3.0
    var isQuick = false
    /// Names of scenarios, or how they begin; empty: all.
    var only: [String] = []
    var tracePath: String?
    var output = "docs/benchmarks"

    enum Action {
        case run(CompareOptions)
        case help
        case list
    }

    static let usage = """
        cached-bench compare [OPTION…]

          Starts cached, memcached and a server that stores nothing, measures them in
          turns, and writes tables, charts and results.json.

              --only=NAME,…       Scenarios to run, or how their names begin. [default: all]
              --list              Name the scenarios, and end.
              --repeat=N          Repetitions of each measurement. [default: 5]
              --seconds=S         How long each takes. [default: 3]
              --quick             One short repetition with less data: shows that it works.
              --output=DIR        Where the results go. [default: docs/benchmarks]
              --cached=FILE       [default: the program beside this one]
              --memcached=FILE    [default: /usr/bin/memcached]
              --trace=FILE        Keys for the scenario `trace`, 32 bits each, big-endian;
                                  .xz is unpacked.

        """

    static func parse(_ arguments: [String]) throws(CompareError) -> Action {
        var options = CompareOptions(
            programs: ServerPrograms(
                cached: defaultCached(), memcached: "/usr/bin/memcached"))
        var isList = false
        var seconds: Double?
        var repetitions: Int?
        var words = ArgumentWords(arguments)
        while let name = try words.nextOption() {
            switch name {
            case "--only":
                options.only = try words.value().split(separator: ",").map { String($0) }
            case "--list": isList = true
            case "--repeat": repetitions = try words.number(in: 1...1000)
            case "--seconds": seconds = try words.seconds(in: 0.1...3600)
            case "--quick": options.isQuick = true
            case "--output": options.output = try words.value()
            case "--cached": options.programs.cached = try words.value()
            case "--memcached": options.programs.memcached = try words.value()
            case "--trace": options.tracePath = try words.value()
            case "--help", "-h": return .help
            default: throw .usage("there is no option \(name)")
            }
        }
        if isList { return .list }
        if options.isQuick {
            options.seconds = 0.3
            options.repetitions = 1
        }
        options.seconds = seconds ?? options.seconds
        options.repetitions = repetitions ?? options.repetitions
        return .run(options)
    }

    /// The daemon lies where this program lies, after `swift build` and after an installation.
    private static func defaultCached() -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        let bytes = buffer[..<max(count, 0)].map { UInt8(bitPattern: $0) }
        let own = String(decoding: bytes, as: UTF8.self)
        guard let slash = own.lastIndex(of: "/") else { return "cached" }
        return own[...slash] + "cached"
    }

    /// How a reader gets the same again; without paths, which are this machine's own.
    var command: String {
        var text = "cached-bench compare --repeat=\(repetitions)"
        text += " --seconds=\(Numerals.plain(seconds, grouped: false))"
        if isQuick { text += " --quick" }
        if !only.isEmpty { text += " --only=\(only.joined(separator: ","))" }
        if let name = tracePath?.split(separator: "/").last { text += " --trace=\(name)" }
        return text
    }

    /// A number of items; a quick run makes do with far fewer.
    func scaled(_ number: Int) -> Int { isQuick ? max(number / 100, 1000) : number }

    /// Some things hardly differ from one time to the next, but take long.
    func repetitions(atMost limit: Int) -> Int { min(repetitions, limit) }
}
