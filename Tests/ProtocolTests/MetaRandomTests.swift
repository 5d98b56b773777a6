import Testing

@testable import Protocol

/// Whatever stands in a meta command's line, it is answered or it is a request that keeps the
/// limits. `CACHED_SEED` repeats a run.
@Suite struct MetaRandomTests {
    static let commands: [MetaCommand] = [.get, .set, .delete, .arithmetic, .noop, .debug]
    static let flags = [
        "b", "c", "f", "h", "k", "l", "q", "s", "t", "u", "v", "x", "I", "M", "MA", "T30", "N",
        "N5",
        "R-1", "C1", "E2", "J3", "D4", "F5", "Fx", "O123", "P", "L", "0", "S", "!", "~", "\u{ff}",
        "O" + String(repeating: "o", count: 31), "O" + String(repeating: "o", count: 32),
    ].map { Array($0.utf8) }
    static let keys = [
        "k", "YWJj", "k=", "====", String(repeating: "A", count: 248),
        String(repeating: "A", count: 250), String(repeating: "A", count: 252), "",
    ].map { Array($0.utf8) }

    private func line(_ random: inout SplitMix, isSet: Bool) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: " ")]
        bytes += Self.keys[random.below(Self.keys.count)]
        if isSet, random.below(20) != 0 { bytes += Array(" \(random.below(100))".utf8) }
        let most = random.below(4) == 0 ? 26 : 6
        for _ in 0..<random.below(most) {
            bytes += Array(repeating: 32, count: 1 + random.below(10) / 9)
            bytes += Self.flags[random.below(Self.flags.count)]
        }
        if random.below(6) == 0 {
            bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
        }
        return bytes
    }

    @Test func everyLineIsAnsweredOrKeepsTheLimits() {
        var random = SplitMix(seed: RandomLineTests.seed &+ 3)
        var requests = 0
        for number in 0..<200_000 {
            let command = Self.commands[random.below(Self.commands.count)]
            let bytes = line(&random, isSet: command == .set)
            let rest = ByteRange(start: 0, end: bytes.count)
            guard case .request(let request) = MetaParser.parse(command, bytes.span, rest) else {
                continue
            }
            requests += 1
            if let fault = fault(of: request, command, bytes) {
                Issue.record("line \(number) of seed \(RandomLineTests.seed): \(fault): \(bytes)")
                return
            }
        }
        #expect(requests > 20_000)
    }

    private func fault(
        of request: MetaRequest, _ command: MetaCommand, _ bytes: [UInt8]
    ) -> String? {
        let words = bytes.split(separator: 32)
        let first = command == .set ? 2 : 1
        guard words.count >= first else { return "accepted without a key or length" }
        guard Array(bytes[request.key.start..<request.key.end]) == Array(words[0]) else {
            return "another key"
        }
        if request.key.count > 250 { return "too long a key" }
        var tokens: [[UInt8]] = []
        var flags = MetaFlags(request.flags)
        while let (letter, token) = flags.next(in: bytes.span) {
            guard token.count > 0, token.end <= bytes.count, bytes[token.start] == letter else {
                return "a flag outside the line"
            }
            tokens.append(Array(bytes[token.start..<token.end]))
        }
        guard tokens == words.dropFirst(first).map({ Array($0) }) else { return "other flags" }
        guard command != .debug else { return nil }
        if words.count + 1 > 20 { return "too many tokens" }
        if Set(tokens.map { $0[0] }).count != tokens.count { return "a flag twice" }
        if tokens.contains(where: { $0[0] == UInt8(ascii: "O") && $0.count > 32 }) {
            return "too long an opaque"
        }
        let isBinary = tokens.contains { $0[0] == UInt8(ascii: "b") }
        if isBinary != request.isKeyBinary { return "b is not seen" }
        if isBinary, !Base64.isDecodable(bytes.span[request.key]) { return "no base64" }
        return nil
    }
}
