import Foundation
import Testing

@testable import Protocol

/// Whatever the bytes are, the parser answers, and what it answers lies within them.
/// `CACHED_SEED` repeats a run.
@Suite struct RandomLineTests {
    static let lines = 200_000
    static let seed =
        ProcessInfo.processInfo.environment["CACHED_SEED"].flatMap { UInt64($0) } ?? 0xcac4_ed01

    static let words = [
        "get", "gets", "gat", "gats", "set", "add", "replace", "append", "prepend", "cas", "incr",
        "decr", "touch", "delete", "flush_all", "stats", "version", "verbosity", "quit",
        "shutdown", "cache_memlimit", "refresh_certs", "noreply", "HTTP/1.1", "k", "0", "1", "-1",
        "2147483647", "2147483648", "4294967295", "18446744073709551615", "18446744073709551616",
        "-", "+", "",
        "\t", "\r", "\u{0}", String(repeating: "k", count: 250), String(repeating: "k", count: 251),
        "99999999999999999999999999", "mg", "ms", "md", "ma", "mn", "me", "5", "b", "v", "q", "T30",
        "N", "MA", "C18446744073709551615", "E0", "Oopaque", "YWJj", "k===",
    ]

    private static let encodedWords = words.map { Array($0.utf8) }

    private func line(_ random: inout SplitMix) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<random.below(9) {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
            bytes += Self.encodedWords[random.below(Self.encodedWords.count)]
        }
        // Changed in a few places, or altogether random.
        for _ in 0..<random.below(4) where !bytes.isEmpty {
            bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
        }
        if random.below(10) == 0 {
            bytes = (0..<random.below(40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }
        if random.below(20) != 0 { bytes += [13, 10] }
        return bytes
    }

    @Test func noLineTrapsAndEveryRangeLiesWithinItsLine() {
        var random = SplitMix(seed: Self.seed)
        var requests = 0
        for number in 0..<Self.lines {
            let bytes = line(&random)
            let start = random.below(bytes.count + 1)
            let result = TextParser.parse(bytes.span, from: start)
            guard case .request(let request, let next) = result else { continue }
            requests += 1
            guard next > start, next <= bytes.count, bytes[next - 1] == 10,
                ranges(request).allSatisfy({ $0.start >= start && $0.end < next }),
                ranges(request).allSatisfy({ $0.start <= $0.end })
            else {
                Issue.record("line \(number) of seed \(Self.seed): \(bytes)")
                return
            }
        }
        #expect(requests > Self.lines / 2)
    }

    @Test func theRestOfALineNeverTraps() {
        var random = SplitMix(seed: Self.seed &+ 1)
        for _ in 0..<Self.lines / 10 {
            let bytes = line(&random)
            let start = random.below(bytes.count + 1)
            guard case .keys(let range, let next, _) = RetrievalRest.parse(bytes.span, from: start)
            else { continue }
            #expect(range.start == start && range.end <= next && next <= bytes.count)
            #expect(next > start)
        }
    }

    private func ranges(_ request: TextRequest) -> [ByteRange] {
        switch request {
        case .get(let keys, _), .getAndTouch(let keys, _, _): [keys]
        case .store(_, let key, _, _, _, _), .delete(let key, _), .touch(let key, _, _),
            .increment(let key, _, _), .decrement(let key, _, _):
            [key]
        case .stats(let arguments): [arguments]
        case .meta(_, let rest): [rest]
        default: []
        }
    }
}
