import Foundation
import Testing

@testable import Protocol

/// Base64 beside a naive decoder, and beside Foundation's for what is well-formed.
@Suite struct Base64Tests {
    static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    static let padding = UInt8(ascii: "=")

    private func decode(_ text: [UInt8]) -> [UInt8] {
        var decoded = Base64.Decoded(repeating: 0xee)
        let count = Base64.decode(text.span, into: &decoded)
        return (0..<count).map { decoded[$0] }
    }

    private func encode(_ bytes: [UInt8]) -> [UInt8] {
        var buffer = ByteBuffer(capacity: 0)
        buffer.appendBase64(bytes.span)
        return (0..<buffer.count).map { buffer.bytes[$0] }
    }

    /// As memcached decodes: digits in fours, whatever stands between them; up to the first padding.
    private func naive(_ text: [UInt8]) -> [UInt8] {
        let digits = text.filter { Self.alphabet.contains($0) || $0 == Self.padding }
        guard digits.count % 4 == 0 else { return [] }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: digits.count, by: 4) {
            let four = digits[start..<start + 4]
            let padded = four.count { $0 == Self.padding }
            if padded > 2 { return [] }
            let bits = four.reduce(0) { $0 << 6 | (Self.alphabet.firstIndex(of: $1) ?? 0) }
            let three = [bits >> 16, bits >> 8 & 255, bits & 255].map { UInt8($0) }
            bytes += three.prefix(3 - padded)
            if padded > 0 { break }
        }
        return bytes
    }

    @Test func everyLengthOfAKeyComesBack() {
        var random = SplitMix(seed: RandomLineTests.seed)
        for length in 1...186 {
            for _ in 0..<20 {
                let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                let text = encode(bytes)
                #expect(text == Array(Data(bytes).base64EncodedString().utf8))
                #expect(decode(text) == bytes)
                let isDecodable = Base64.isDecodable(text.span)
                #expect(isDecodable)
            }
        }
        #expect(encode([]).isEmpty)
    }

    /// 186 bytes are 248 in base64, and 187 are 252: more than a key may have.
    @Test func aKeyTooLongIsNotDecoded() {
        let longest = encode(Array(repeating: 7, count: 186))
        let tooLong = encode(Array(repeating: 7, count: 187))
        #expect(longest.count == 248 && decode(longest).count == 186)
        #expect(tooLong.count == 252 && decode(tooLong).isEmpty)
        #expect(decode(longest + Array("!!".utf8)).count == 186)
        #expect(decode(longest + Array("!!!".utf8)).isEmpty)
    }

    static let table: [(String, String)] = [
        ("", ""), ("YQ==", "a"), ("YWI=", "ab"), ("YWJj", "abc"), ("YWJjZA==", "abcd"),
        // Padding is required, and four digits at a time.
        ("YQ", ""), ("YQ=", ""), ("YWI", ""), ("Y", ""), ("YWJjZ", ""), ("YWJjZA=", ""),
        ("====", ""), ("Y===", ""), ("YWJjZ===", ""), ("=", ""), ("==", ""),
        // What does not belong to the alphabet is skipped, the one for URLs too.
        ("Y-W_J.j", "abc"), ("!YWJj", "abc"), ("YWJj\u{0}\t\u{7f}", "abc"), ("!!!!", ""),
        ("Y Q = =", "a"), ("YW\u{ff}Jj", "abc"),
        // What follows the padding is not looked at, but counted.
        ("YQ==YWJj", "a"), ("YQ==Y", ""), ("YQ======", "a"),
        // Padding anywhere takes bytes off its four.
        ("Y=Jj", "`\u{2}"), ("=WJj", "\u{1}b"), ("YR==", "a"), ("YWJ=", "ab"),
    ]

    @Test(arguments: table) func aTextDecodesAsInMemcached(text: String, expected: String) {
        let bytes = Array(text.utf8)
        #expect(decode(bytes) == naive(bytes))
        #expect(String(decoding: decode(bytes), as: UTF8.self) == expected)
        let isDecodable = Base64.isDecodable(bytes.span)
        #expect(isDecodable == !expected.isEmpty)
    }

    @Test func anyTextDecodesAsTheNaiveDecoderSays() {
        var random = SplitMix(seed: RandomLineTests.seed &+ 2)
        var decodable = 0
        for number in 0..<8_000 {
            let length = number % 251
            let text = (0..<length).map { _ in
                switch random.below(12) {
                case 0 where number % 3 == 0: UInt8(truncatingIfNeeded: random.next())
                case 1 where number % 5 == 0: Self.padding
                default: Self.alphabet[random.below(64)]
                }
            }
            let decoded = decode(text)
            decodable += decoded.isEmpty ? 0 : 1
            guard decoded == naive(text) else {
                Issue.record("\(text) of seed \(RandomLineTests.seed)")
                return
            }
        }
        #expect(decodable > 800)
    }
}
