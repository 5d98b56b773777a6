import Testing

@testable import Protocol

/// Every flag of the meta commands and every way to get it wrong, in memcached 1.6.45's order of
/// checks: a line, and what is read of it.
@Suite struct MetaTableTests {
    static let format = "CLIENT_ERROR bad command line format"
    static let token = "CLIENT_ERROR bad token in command line format"
    static let invalid = "CLIENT_ERROR invalid flag"
    static let duplicate = "CLIENT_ERROR duplicate flag"
    static let tooMany = "CLIENT_ERROR options flags are too long"
    static let opaque = "CLIENT_ERROR opaque token too long"
    static let undecodable = "CLIENT_ERROR error decoding key"
    static let initial = "CLIENT_ERROR invalid numeric initial value"
    static let delta = "CLIENT_ERROR invalid numeric delta value"
    static let arithmetic = "CLIENT_ERROR invalid or duplicate flag"
    static let setMode = "CLIENT_ERROR invalid mode for ms M token, 5 swallowed"
    static let arithmeticMode = "CLIENT_ERROR invalid mode for ma M token"
    static let longest = String(repeating: "k", count: 250)
    static let tooLong = String(repeating: "k", count: 251)
    /// 18 different flags; with the command and the key, as many tokens as there may be.
    static let eighteen = "c f h k l q s t u v x I O P L M T1 F1"

    static let right: [(String, String)] = [
        ("mg k", "k"), ("mg  k  v  t ", "k v t"), ("mg \(longest)", longest),
        ("mg k \(eighteen)", "k c f h k l q s t u v x I O P L M  T1 F1"),
        ("mg k T30 N60 R90", "k T30 N60 R90"),
        ("mg k T-1 N-2 R-2147483648", "k T-1 N-2 R-2147483648"),
        ("mg k T2147483647", "k T2147483647"), ("mg k T00000000007", "k T7"), ("mg k T-0", "k T0"),
        ("mg k C18446744073709551615 E0", "k C18446744073709551615 E0"),
        ("mg k C0000000000000000000005", "k C5"),
        ("ms k 5 F4294967295", "k 5 F4294967295"), ("ms k 5 F00000000001", "k 5 F1"),
        ("ms k 2147483645", "k 2147483645"), ("ms k 0", "k"), ("ms k 007 T1", "k 7 T1"),
        ("ms k 5 MA", "k 5 MA"), ("ms k 5 MAppend", "k 5 MA"),

        ("ms k 5 ME", "k 5 ME"), ("ms k 5 MP", "k 5 MP"), ("ms k 5 MR", "k 5 MR"),
        ("ms k 5 MS", "k 5 MS"), ("mg k MX", "k MX"), ("md k M", "k M "), ("ma k MI", "k MI"),
        ("ma k M+", "k M+"), ("ma k MD", "k MD"), ("ma k M-1", "k M-"),
        ("ma k N0 J13 D2 MI", "k N0 J13 D2 MI"), ("ma k D0", "k D0"),
        ("md k q I x", "k q I x"), ("md k qqq Ixyz", "k qqq Ixyz"),
        ("mg YWJj b", "YWJj b"),
        (
            "mg \(String(repeating: "A", count: 248)) b",
            String(repeating: "A", count: 248) + " b"
        ),
        // 31 bytes behind the O.
        ("mg k O\(String(repeating: "o", count: 31))", "k O\(String(repeating: "o", count: 31))"),
        ("mg k O", "k O"),
        ("me k", "k"), ("me k b", format), ("me YWJj b", "YWJj b"), ("me k bb", "k bb"),
        ("me k v b", "k v b"), ("me k Tx Tx 0", "k T0 T0 0"),
        ("me k \(eighteen) N1 R1", "k c f h k l q s t u v x I O P L M\u{0} T0 F0 N0 R0"),
    ]

    static let wrong: [(String, String)] = [
        // No key, or no length: nothing is swallowed.
        ("mg", format), ("mg ", format), ("md", format), ("ma ", format), ("me", format),
        ("ms", format), ("ms k", format), ("ms k x", format), ("ms k -1", format),
        ("ms k 2147483646", format), ("ms k T1 5", format), ("ms k +5", format),
        // What no flag can begin with is told first.
        ("mg k !", format), ("mg k @", format), ("mg k {", format), ("mg k \u{7f}", format),
        ("mg k \t", format), ("mg \(tooLong) !", format), ("ms k 5 !", format),
        ("ms \(tooLong) 5 v !", format), ("ma k !", format), ("me k !", format),
        // Then the length of the key, the number of tokens, and the flags.
        ("mg \(tooLong)", format), ("mg \(tooLong) v v", format), ("me \(tooLong)", format),
        ("mg \(tooLong) \(eighteen) N1", format), ("mg k \(eighteen) N1", tooMany),
        ("mg k v v \(eighteen)", tooMany), ("ms \(tooLong) 5", "\(format), 5 swallowed"),
        ("ms k 5 \(eighteen)", "\(tooMany), 5 swallowed"),
        // 23 tokens are looked at.
        ("mg k \(eighteen) 1 2 !", format), ("mg k \(eighteen) 1 2 3 !", tooMany),
        ("ms k 5 \(eighteen) 1 !", format), ("ms k 5 \(eighteen) 1 2 !", "\(tooMany), 5 swallowed"),
        ("mg k 0", invalid), ("mg k 9 9", invalid), ("mg k [", invalid), ("mg k S", invalid),
        ("mg k a", invalid), ("mg k _", invalid), ("mg k z", invalid), ("mg k noreply", invalid),
        ("mg k v v", duplicate), ("mg k T1 v T2", duplicate), ("mg k O1 O1", duplicate),
        // The first of these ends the reading; of the others the last is told.
        ("mg k Tx v v", duplicate), ("mg k v v Tx", duplicate), ("mg k Tx 0", invalid),
        ("mg k 0 v v", invalid), ("mg k v v 0", duplicate),
        ("mg k Tx", token), ("mg k T", token), ("mg k T1.5", token), ("mg k T+1", token),
        ("mg k T2147483648", token), ("mg k T000000000001", token), ("mg k N", token),
        ("mg k R99999999999999999999", token), ("mg k C", token), ("mg k C-1", token),
        ("mg k C18446744073709551616", token), ("mg k C00000000000000000000005", token),
        ("ms k 3 Ex", "\(token), 3 swallowed"), ("ms k 3 F", "\(format), 3 swallowed"),
        ("ms k 3 F4294967296", "\(format), 3 swallowed"), ("ms k 3 F-1", "\(format), 3 swallowed"),
        ("ms k 3 Fx Tx", "\(token), 3 swallowed"), ("ms k 3 Tx Fx", "\(token), 3 swallowed"),
        ("mg k b", undecodable), ("mg k= b", undecodable), ("mg YWJ b", undecodable),
        ("mg YW== b Tx", token), ("mg k b Tx", token), ("mg k Tx b", undecodable),
        ("mg k Jx", initial), ("mg k Dx", delta), ("mg k Jx Dx", delta), ("mg k Dx J", initial),
        ("ms k 3 b", "\(undecodable), 3 swallowed"), ("ms k 3 v v", "\(duplicate), 3 swallowed"),
        ("mg k O\(String(repeating: "o", count: 32))", opaque),
        ("mg k O\(String(repeating: "o", count: 32)) Tx", token),
        ("ms k 3 O\(String(repeating: "o", count: 32))", "\(opaque), 3 swallowed"),
        // A mode comes after the other flags' faults, and before the opaque.
        ("ms k 5 M", setMode), ("ms k 5 M T1", setMode), ("ms k 5 M\t", setMode),
        ("ms k 5 MX", setMode), ("ms k 5 Ms", setMode), ("ms k 5 MI", setMode),
        ("ms k 5 MX Tx", "\(token), 5 swallowed"), ("ma k MX", arithmeticMode),
        ("ma k M", arithmeticMode), ("ma k MA", arithmeticMode), ("ma k MX Dx", arithmetic),
        ("ms k 5 MX O\(String(repeating: "o", count: 32))", setMode),
        ("ma k MX O\(String(repeating: "o", count: 32))", arithmeticMode),
        // `ma` tells no difference.
        ("ma k v v", arithmetic), ("ma k 0", arithmetic), ("ma k Dx", arithmetic),
        ("ma \(tooLong)", arithmetic), ("ma k \(eighteen) N1", arithmetic), ("ma k b", arithmetic),
        ("ma k O\(String(repeating: "o", count: 32))", opaque),
        ("me ==== b", format), ("me k b v", format),
    ]

    @Test(arguments: right + wrong) func aLineMeansWhatItShould(line: String, expected: String) {
        #expect(MetaText.of(line) == expected)
    }

    /// A line's parts stand where they stand, whatever is before it.
    @Test func aLineAmongOthersMeansTheSame() {
        let before = Array("mn\r\nms other 2 v\r\n".utf8)
        for (line, _) in Self.right + Self.wrong {
            let bytes = before + Array((line + "\nmg x v v\r\n").utf8)
            guard
                case .request(.meta(let command, let rest), let next) =
                    TextParser.parse(bytes.span, from: before.count)
            else {
                // Too short for a command with a bare newline.
                #expect(line.utf8.count < 3)
                continue
            }
            #expect(next == before.count + line.utf8.count + 1)
            let text = MetaText.describe(MetaParser.parse(command, bytes.span, rest), bytes)
            #expect(text == MetaText.of(line))
        }
    }

    @Test func aRequestKnowsWhichFlagsItHasAndInWhichOrder() {
        let bytes = Array("mg k T1 v R2".utf8)
        let rest = ByteRange(start: 2, end: bytes.count)
        guard case .request(let request) = MetaParser.parse(.get, bytes.span, rest) else {
            Issue.record("not parsed")
            return
        }
        for letter in Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".unicodeScalars) {
            #expect(request.has(letter) == "TvR".unicodeScalars.contains(letter))
        }
        // Beyond the letters there is nothing, and nothing to trap on.
        for letter in ["@", "{", "\u{0}", "ÿ"] as [Unicode.Scalar] { #expect(!request.has(letter)) }
        let pairs: [(Unicode.Scalar, Unicode.Scalar)] = [
            ("T", "R"), ("R", "T"), ("T", "v"), ("R", "v"), ("v", "R"),
        ]
        let orders = pairs.map { request.isBefore($0.0, $0.1, bytes.span) }
        #expect(orders == [true, false, true, false, true])
        #expect(!request.isKeyBinary)
    }

    @Test func whatIsNotGivenHasItsDefault() {
        let request = MetaRequest(
            key: ByteRange(start: 0, end: 1), flags: ByteRange(start: 1, end: 1))
        #expect(request.delta == 1 && request.initial == 0 && request.mode == 0)
        #expect(request.exptime == 0 && request.clientFlags == 0 && request.newCAS == 0)
    }
}
