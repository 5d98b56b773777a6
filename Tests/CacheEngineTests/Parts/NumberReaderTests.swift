import Testing

@testable import CacheEngine

/// A counter's text, read as C's strtoull reads it, however it is cut.
@Suite struct NumberReaderTests {
    private func read(_ parts: [[UInt8]]) -> UInt64? {
        var reader = NumberReader()
        for var part in parts {
            unsafe part.withUnsafeMutableBytes { unsafe reader.read($0) }
        }
        return reader.value
    }

    static let table: [(String, UInt64?)] = [
        ("5", 5), ("007", 7), ("18446744073709551615", .max), ("18446744073709551616", nil),
        ("99999999999999999999999", nil), (" \t\n\u{b}\u{c}\r5", 5), ("5 ", 5), ("5 x", 5),
        ("5\u{0}x", 5), ("5x", nil), ("x5", nil), ("", nil), (" ", nil), ("+5", 5), ("-0", 0),
        ("-5", nil), ("-", nil), ("+ 5", nil), ("+-5", nil), ("--5", nil), ("5-", nil),
        ("\u{0}5", nil), ("5\t6", 5), ("-0x", nil), ("00000000000000000000000000001", 1),
    ]

    @Test(arguments: table) func aTextIsReadAsStrtoullReadsIt(text: String, expected: UInt64?) {
        let bytes = Array(text.utf8)
        #expect(read([bytes]) == expected)
        #expect(CacheModel.number(bytes) == expected)
        for cut in 0...bytes.count {
            #expect(read([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected, "at \(cut)")
        }
        #expect(read(bytes.map { [$0] }) == expected)
    }

    @Test func anyTextIsReadTheSameInAnyParts() {
        var random = TestRandom(seed: TestEnvironment.seed)
        let alphabet = Array("0123456789 0123456789 +-\u{0}x".utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<random.below(26)).map { _ in alphabet[random.below(alphabet.count)] }
            let cut = random.between(0, bytes.count)
            let expected = CacheModel.number(bytes)
            #expect(read([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected, "\(bytes)")
        }
    }
}
