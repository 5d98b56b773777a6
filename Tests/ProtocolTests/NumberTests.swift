import Testing

@testable import Protocol

@Suite struct NumberTests {
    private func strict64(_ text: String) -> UInt64? {
        let bytes = Array(text.utf8)
        return Numbers.strictUnsigned64(bytes.span)
    }

    private func strict32(_ text: String) -> Int32? {
        let bytes = Array(text.utf8)
        return Numbers.strictSigned32(bytes.span)
    }

    private func flags(_ text: String) -> UInt32? {
        let bytes = Array(text.utf8)
        return Numbers.flags(bytes.span)
    }

    private func loose(_ text: String) -> Int32? {
        let bytes = Array(text.utf8)
        return Numbers.looseSigned32(bytes.span)
    }

    static let strict64Table: [(String, UInt64?)] = [
        ("0", 0), ("007", 7), ("18446744073709551615", .max), ("18446744073709551616", nil),
        ("0018446744073709551615", .max), ("00018446744073709551615", nil), ("", nil), ("+1", nil),
        ("-1", nil), (" 1", nil), ("1 ", nil), ("1x", nil), ("x", nil), ("1.0", nil),
        ("99999999999999999999", nil), ("٣", nil),
    ]

    @Test(arguments: strict64Table) func strictUnsigned64(text: String, value: UInt64?) {
        #expect(strict64(text) == value)
    }

    static let strict32Table: [(String, Int32?)] = [
        ("0", 0), ("-0", 0), ("-1", -1), ("2147483647", .max), ("2147483648", nil),
        ("-2147483648", .min), ("-2147483649", nil), ("02147483647", .max),
        ("002147483647", nil), ("99999999999", nil), ("", nil), ("+1", nil), (" 1", nil),
        ("1-", nil), ("--1", nil),
        // As memcached 1.6.45: no digit at all is 0.
        ("-", 0),
    ]

    @Test(arguments: strict32Table) func strictSigned32(text: String, value: Int32?) {
        #expect(strict32(text) == value)
    }

    @Test func strictUnsigned32EndsAt32Bits() {
        for (text, value) in [
            ("4294967295", UInt32.max), ("4294967296", nil), ("00000000001", 1), ("-1", nil),
        ] as [(String, UInt32?)] {
            let bytes = Array(text.utf8)
            #expect(Numbers.strictUnsigned32(bytes.span) == value)
        }
    }

    static let flagsTable: [(String, UInt32?)] = [
        ("0", 0), ("+5", 5), ("007", 7), ("4294967295", .max), ("4294967296", 0),
        ("18446744073709551615", .max), ("18446744073709551616", nil), ("-0", 0), ("-1", nil),
        ("\t7", 7), ("7\t8", 7), ("7x", nil), ("", nil), ("+", nil), ("x", nil), ("+-1", nil),
    ]

    @Test(arguments: flagsTable) func flagsAsStrtoulTakesThem(text: String, value: UInt32?) {
        #expect(flags(text) == value)
    }

    static let looseTable: [(String, Int32?)] = [
        ("0", 0), ("-1", -1), ("+60", 60), ("2147483648", .min), ("4294967296", 0),
        ("-4294967297", -1), ("9223372036854775807", -1), ("9223372036854775808", nil),
        ("-9223372036854775808", 0), ("-9223372036854775809", nil), ("1 ", 1), ("1x", nil),
        ("", nil), ("-", nil),
    ]

    @Test(arguments: looseTable) func exptimesAsStrtolTakesThem(text: String, value: Int32?) {
        #expect(loose(text) == value)
    }

    @Test func everyNumberThatIsPrintedIsReadBack() {
        var random = SplitMix(seed: 7)
        for _ in 0..<5_000 {
            let value = random.next() >> UInt64(random.next() % 64)
            #expect(strict64(String(value)) == value)
            let small = Int32(truncatingIfNeeded: value)
            #expect(strict32(String(small)) == small && loose(String(small)) == small)
            #expect(flags(String(value)) == UInt32(truncatingIfNeeded: value))
        }
    }
}

/// SplitMix64: a seed prints in one number and repeats everywhere.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        // Wrapping is what the generator is defined with.
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
