import Testing

@testable import Protocol

/// Every command and every way to get it wrong: a line, and what it means.
@Suite struct CommandTableTests {
    static let format = "CLIENT_ERROR bad command line format"
    static let exptime = "CLIENT_ERROR invalid exptime argument"
    static let delta = "CLIENT_ERROR invalid numeric delta argument"
    static let longest = String(repeating: "k", count: 250)
    static let tooLong = String(repeating: "k", count: 251)

    static let retrievals: [(String, String)] = [
        ("get a", "get [a]"),
        ("get a b  c ", "get [a] [b] [c]"),
        ("get   a", "get [a]"),
        ("gets a", "gets [a]"),
        ("get a noreply", "get [a] [noreply]"),
        ("get / HTTP/1.1", "get [/] [HTTP/1.1]"),
        ("get a\tb", "get [a\tb]"),
        ("get", format), ("get ", format), ("get  ", format), ("gets", format), ("gets ", format),
        ("get \(longest)", "get [\(longest)]"),
        ("get \(tooLong)", format), ("get a \(tooLong) b", format), ("gets a \(tooLong)", format),
        ("gat 10 a", "gat 10 [a]"),
        ("gat -1 a b", "gat -1 [a] [b]"),
        ("gats 0 a", "gats 0 [a]"),
        ("gat a", format), ("gat", format), ("gats 10", format),
        ("gat x a", exptime), ("gat 2147483648 a", exptime),
        ("gat 10 \(tooLong)", format), ("gat 10 a \(tooLong)", format),
    ]

    static let stores: [(String, String)] = [
        ("set k 1 2 3", "set k 1 2 3"),
        ("set k 1 2 3 noreply", "set k 1 2 3 quietly"),
        ("set k 1 2 3 NOREPLY", "set k 1 2 3"),
        ("set k 1 2 3 noreply x", "set k 1 2 3"),
        ("add k 0 0 0", "add k 0 0 0"),
        ("replace k 0 0 1", "replace k 0 0 1"),
        ("append k 0 0 1", "append k 0 0 1"),
        ("prepend k 0 0 1", "prepend k 0 0 1"),
        ("cas k 1 2 3 99", "cas(99) k 1 2 3"),
        ("cas k 1 2 3 18446744073709551615 noreply", "cas(18446744073709551615) k 1 2 3 quietly"),
        ("set k +5 007 1", "set k 5 7 1"),
        ("set k 4294967297 0 1", "set k 1 0 1"),
        ("set k 0 -1 1", "set k 0 -1 1"),
        ("set k 0 2147483648 1", "set k 0 -2147483648 1"),
        ("set k 0 0 2147483645", "set k 0 0 2147483645"),
        ("set k\tx 0 0 1", "set k\tx 0 0 1"),
        ("set \(longest) 0 0 1", "set \(longest) 0 0 1"),
        // The length is not known: nothing is swallowed.
        ("set k 1 2", format), ("set", format), ("set k 1 2 -1", format), ("set k 1 2 x", format),
        ("set k 1 2 2147483646", format), ("set k 1 2 99999999999", format),
        ("cas k 1 2", format), ("add noreply", format), ("set k 1 2 +3", format),
        // The length is: the value is swallowed.
        ("set k x 2 3", "\(format), 3 swallowed"),
        ("set k -1 2 3", "\(format), 3 swallowed"),
        ("set k 1 y 3", "\(format), 3 swallowed"),
        ("set k 1 2y 3 noreply", "\(format), 3 swallowed quietly"),
        ("set \(tooLong) 1 2 3", "\(format), 3 swallowed"),
        ("cas k 1 2 3", "\(format), 3 swallowed"),
        ("cas k 1 2 3 x", "\(format), 3 swallowed"),
        ("cas k 1 2 3 -1", "\(format), 3 swallowed"),
        ("cas k 1 2 3 noreply", "\(format), 3 swallowed quietly"),
        ("cas k 1 2 3 18446744073709551616", "\(format), 3 swallowed"),
    ]

    static let others: [(String, String)] = [
        ("delete k", "delete k"), ("delete k 0", "delete k"),
        ("delete k noreply", "delete k quietly"), ("delete k 0 noreply", "delete k quietly"),
        ("delete k anything", "delete k"), ("delete noreply", "delete noreply quietly"),
        ("delete", format), ("delete k 0 1 2", format), ("delete \(tooLong)", format),
        ("delete \(tooLong) noreply", "\(format) quietly"),
        ("touch k 5", "touch k 5"), ("touch k -5 noreply", "touch k -5 quietly"),
        ("touch k", format), ("touch", format), ("touch k x", exptime),
        ("touch k x noreply", "\(exptime) quietly"), ("touch \(tooLong) 5", format),
        ("touch k noreply", "\(exptime) quietly"),
        ("incr k 5", "incr k 5"), ("decr k 5 noreply", "decr k 5 quietly"),
        ("incr k 18446744073709551615", "incr k 18446744073709551615"),
        ("incr k 18446744073709551616", delta), ("incr k -1", delta), ("decr k x", delta),
        ("incr k +1", delta), ("incr k 1.5 noreply", "\(delta) quietly"), ("incr k", format),
        ("decr", format), ("incr \(tooLong) 1", format),
        ("flush_all", "flush 0"), ("flush_all 10", "flush 10"), ("flush_all -1", "flush -1"),
        ("flush_all noreply", "flush 0 quietly"), ("flush_all 10 noreply", "flush 10 quietly"),
        ("flush_all x", "flush malformed"), ("flush_all x noreply", "flush malformed quietly"),
        ("version", "version"), ("version with junk", "version"),
        ("verbosity 1", "verbosity 1"), ("verbosity 1 noreply", "verbosity 1 quietly"),
        ("verbosity", format), ("verbosity x", format),
        ("quit", "quit"), ("quit now", "quit"),
        ("stats", "stats"), ("stats items", "stats [items]"),
        ("stats cachedump 1 0", "stats [cachedump] [1] [0]"),
        ("cache_memlimit 64", "memlimit 64"), ("cache_memlimit 64 noreply", "memlimit 64 quietly"),
        ("cache_memlimit x", "ERROR"), ("cache_memlimit", "ERROR"),
        ("shutdown", "shutdown immediate"), ("shutdown graceful", "shutdown graceful"),
        ("shutdown now", "shutdown unknown"),
        ("refresh_certs", "refresh certificates"), ("refresh_certs x", "refresh certificates"),
        ("refresh_certs noreply", "refresh certificates quietly"), ("refresh_cert", "ERROR"),
    ]

    /// What is read of a meta command's line, `MetaTableTests` tells.
    static let metas: [(String, String)] = [
        ("mg k v t", "meta get [k] [v] [t]"), ("mg", "meta get"), ("mg ", "meta get"),
        ("ms k 5 T0", "meta set [k] [5] [T0]"), ("md  k", "meta delete [k]"),
        ("ma k", "meta arithmetic [k]"), ("me k b", "meta debug [k] [b]"),
        ("mn", "meta noop"), ("mn k", "meta noop [k]"), ("mg k noreply", "meta get [k] [noreply]"),
    ]

    static let unknown: [(String, String)] = [
        ("MG k", "ERROR"), ("mgx k", "ERROR"), ("mg\tk", "ERROR"), ("mx k", "ERROR"),
        (" mg k", "ERROR"), ("mx k noreply", "ERROR quietly"),
        ("GET a", "ERROR"), (" get a", "ERROR"), ("bogus", "ERROR"), ("getx a", "ERROR"),
        ("bogus noreply", "ERROR quietly"), ("sets k 1 2 3", "ERROR"), ("\tget a", "ERROR"),
        ("POST / HTTP/1.1", "hang up"), ("bogus HTTP/", "hang up"), ("HTTP/1.1", "ERROR"),
        ("bogus HTTP/1.1 x", "ERROR"), ("      ", "ERROR"), ("\u{0}\u{1}\u{ff}", "ERROR"),
        ("", format), ("a", format), ("ab", "ERROR"), ("abc", "ERROR"),
    ]

    @Test(arguments: retrievals + stores + others + metas + unknown)
    func aLineMeansWhatItShould(line: String, expected: String) {
        #expect(RequestText.of(line) == expected)
    }

    @Test(arguments: retrievals + stores + others + metas)
    func aBareNewlineEndsALineToo(line: String, expected: String) {
        // Under four bytes it is no command at all.
        #expect(
            RequestText.of(line, ending: "\n") == (line.utf8.count < 3 ? Self.format : expected))
    }

    @Test func theRequestEndsWithItsLine() {
        let bytes = Array("junk\nget a\r\nget b\r\n".utf8)
        let text = RequestText.describe(TextParser.parse(bytes.span, from: 5), bytes)
        #expect(text == "get [a] up to 12")
    }

    @Test func manyKeysAreAllFound() {
        let keys = (0..<5_000).map { "key\($0)" }
        let expected = "get" + keys.map { " [\($0)]" }.joined()
        #expect(RequestText.of("get " + keys.joined(separator: " ")) == expected)
    }

    @Test func tokensBeyondTheLastThatIsLookedAtAreIgnored() {
        let many = Array(repeating: "x", count: 100).joined(separator: " ")
        #expect(RequestText.of("set k 1 2 3 \(many)") == "set k 1 2 3")
        #expect(RequestText.of("stats \(many)").hasPrefix("stats [x] [x]"))
    }
}
