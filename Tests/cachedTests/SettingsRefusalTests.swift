import Testing

@testable import cached

/// What must not start: each line names the option and, where it can, what is allowed.
@Suite struct SettingsRefusalTests {
    static let refused: [(arguments: [String], names: String)] = [
        (["-B", "http"], "option -B (--protocol): 'http' is not allowed; takes auto or ascii"),
        (["-B", "binary"], "not supported in this version"),
        (["-c", "0"], "option -c (--conn-limit): '0' is not allowed; takes 1 to 2147483647"),
        (["-c", "-1"], "option -c (--conn-limit): '-1'"),
        (["-c", "2147483648"], "option -c (--conn-limit)"),
        (["-c", "12x"], "option -c (--conn-limit): '12x'"),
        (["-c", ""], "option -c (--conn-limit): ''"),
        (["-c"], "option -c (--conn-limit): needs a value: 1 to 2147483647"),
        (["--conn-limit"], "needs a value"),
        (["-t", "0"], "option -t (--threads): '0' is not allowed; takes 1 to 1024"),
        (["-t", "1025"], "option -t (--threads)"),
        (["-R", "0"], "option -R (--max-reqs-per-event): '0'"),
        (["-b", "-1"], "option -b (--listen-backlog)"),
        (["-p", "65536"], "option -p (--port)"),
        (["-p", "-2"], "option -p (--port)"),
        (["-p", "11211,"], "option -p (--port)"),
        (["-p", "99999999999999999999999"], "option -p (--port)"),
        (["-U", "65536"], "option -U (--udp-port)"),
        (["-m", "0"], "option -m (--memory-limit): '0' is not allowed; takes 1m to"),
        (["-m", "-1"], "option -m (--memory-limit)"),
        (["-m", "64x"], "option -m (--memory-limit)"),
        (["-m", "m"], "option -m (--memory-limit)"),
        (["-m", "1023k"], "option -m (--memory-limit)"),
        (["-m", "18446744073709551615"], "option -m (--memory-limit)"),
        (["-m", "18446744073709551615t"], "option -m (--memory-limit)"),
        (["-m", "1"], "more than half of the memory limit, -m (--memory-limit) 1m"),
        (["-I", "1000"], "option -I (--max-item-size): '1000' is not allowed; takes 1k to 1g"),
        (["-I", "256m"], "option -I (--max-item-size): 256m is more than half"),
        (["-I", "1025m", "-m", "4g"], "option -I (--max-item-size): '1025m'"),
        (["-I", "-1"], "option -I (--max-item-size)"),
        (["-a", "8"], "option -a (--unix-mask)"),
        (["-a", "1000"], "option -a (--unix-mask)"),
        (["-a", "-1"], "option -a (--unix-mask)"),
        (["-a", "+7"], "option -a (--unix-mask)"),
        (["-s", ""], "option -s (--unix-socket)"),
        (["-s", "/" + String(repeating: "a", count: 107)], "option -s (--unix-socket)"),
        (["-s", "/a\u{0}b"], "option -s (--unix-socket)"),
        (["-P", "/a\nb"], "option -P (--pidfile)"),
        (["-Y", ""], "option -Y (--auth-file)"),
        (["--auth-timeout=-1"], "option --auth-timeout: '-1'"),
        (["-u", ""], "option -u (--user)"),
        (["-D", ""], "option -D (--prefix-delimiter)"),
        (["-D", "ab"], "option -D (--prefix-delimiter)"),
        (["-D", "é"], "option -D (--prefix-delimiter)"),
        (["-f", "1"], "option -f (--slab-growth-factor)"),
        (["-f", "nan"], "option -f (--slab-growth-factor)"),
        (["-n", "0"], "option -n (--slab-min-size)"),
        (["-N", "0"], "option -N (--napi-ids)"),
        (["--shards=0"], "option --shards"),
        (["--shards=3"], "option --shards: '3' is not allowed; takes a power of two, 1 to 1024"),
        (["--shards=2048"], "option --shards"),
        (["--max-entries=-1"], "option --max-entries"),
        (["--cull-frequency=-1"], "option --cull-frequency"),
        (["--default-ttl=4294967296"], "option --default-ttl"),
        (["--default-ttl=1h"], "option --default-ttl"),
        (["--hash-seed=+1"], "option --hash-seed"),
        (["--hash-seed=0x"], "option --hash-seed"),
        (["--hash-seed=0x+1"], "option --hash-seed"),
        (["--verbose=4"], "option -v (--verbose)"),
        (["--dummy=maybe"], "option --dummy: 'maybe' is not allowed; takes yes or no"),
        (["--config="], "option --config"),
        (["--config"], "option --config: needs a value"),
        (["--check-config=yes"], "option --check-config: takes no value"),
        (["--bogus"], "option '--bogus': is unknown; see --help"),
        (["--bogus=1"], "option '--bogus': is unknown"),
        (["--=1"], "is unknown"),
        (["--max"], "could be"),
        (["-q"], "option -q: is unknown; see --help"),
        (["-vq"], "option -q: is unknown"),
        (["-é"], "option -?: is unknown"),
        (["extra"], "argument 'extra': is not an option"),
        (["-"], "argument '-': is not an option"),
        (["--", "-p"], "argument '-p': is not an option"),
        (["-o", "bogus"], "option -o (--extended): suboption 'bogus' is unknown"),
        (["-o", ",modern"], "option -o (--extended): suboption '' is unknown"),
        (["-o", "idle_timeout"], "option -o idle_timeout: needs a value: 0 to 2147483647"),
        (["-o", "idle_timeout="], "option -o idle_timeout: ''"),
        (["-o", "idle_timeout=-1"], "option -o idle_timeout: '-1'"),
        (["-o", "modern,idle_timeout=5s"], "option -o idle_timeout: '5s'"),
        (["-o", "maxconns_fast=maybe"], "option -o maxconns_fast"),
        (["-o", "hashpower=11"], "option -o hashpower: '11' is not allowed; takes 12 to 32"),
        (["-o", "hash_algorithm=md5"], "option -o hash_algorithm"),
        (["-o", "slab_automove=3"], "option -o slab_automove"),
        (["-o", "hot_lru_pct=80"], "option -o hot_lru_pct"),
        (["-o", "tail_repair_time=9"], "option -o tail_repair_time"),
    ]

    @Test(arguments: refused)
    func isRefusedInOneLine(_ arguments: [String], _ expected: String) throws {
        let message = try #require(SettingsRun.refusal(arguments), "\(arguments) was accepted")
        #expect(message.contains(expected))
        #expect(!message.contains("\n"))
    }

    @Test func exitCodeIsThatOfUsageErrors() {
        #expect(UsageError.exitCode == 64)
    }

    @Test func longAndControlValuesAreShownSafely() throws {
        let long = String(repeating: "x", count: 100_000)
        #expect(try #require(SettingsRun.refusal(["-c", long])).utf8.count < 200)
        let message = try #require(SettingsRun.refusal(["-c", "1\n2\u{1b}[31m\u{2028}"]))
        #expect(message.contains("'1\\u{a}2\\u{1b}[31m\\u{2028}'"))
    }
}
