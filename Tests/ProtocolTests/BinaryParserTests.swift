import Testing

@testable import Protocol

/// Every opcode, and every length that does not fit it.
@Suite struct BinaryParserTests {
    static let stores: [(BinaryOpcode, String)] = [
        (.set, "set"), (.setQ, "set"), (.add, "add"), (.addQ, "add"), (.replace, "replace"),
        (.replaceQ, "replace"),
    ]
    static let keyOnly: [(BinaryOpcode, String)] = [
        (.get, "get [k]"), (.getQ, "get [k]"), (.getK, "get [k]"), (.getKQ, "get [k]"),
        (.delete, "delete [k] cas 0"), (.deleteQ, "delete [k] cas 0"), (.stat, "stat [k]"),
    ]
    static let bare: [(BinaryOpcode, String)] = [
        (.noop, "noop"), (.version, "version"), (.quit, "quit"), (.quitQ, "quit"),
        (.saslMechanisms, "saslMechanisms"), (.flush, "flush 0"), (.flushQ, "flush 0"),
        (.stat, "stat []"),
    ]
    static let counters: [(BinaryOpcode, String)] = [
        (.increment, "incr"), (.incrementQ, "incr"), (.decrement, "decr"), (.decrementQ, "decr"),
    ]
    static let withExptime: [(BinaryOpcode, String)] = [
        (.touch, "touch [k] 4294967295"), (.gat, "get [k] 4294967295"),
        (.gatQ, "get [k] 4294967295"), (.gatK, "get [k] 4294967295"),
        (.gatKQ, "get [k] 4294967295"),
    ]
    static let withValue: [(BinaryOpcode, String)] = [
        (.append, "append [k] 0 0 cas 0 length 3"), (.appendQ, "append [k] 0 0 cas 0 length 3"),
        (.prepend, "prepend [k] 0 0 cas 0 length 3"),
        (.prependQ, "prepend [k] 0 0 cas 0 length 3"),
        (.saslAuth, "auth [k] length 3"), (.saslStep, "step [k] length 3"),
    ]
    /// For each opcode, what it may have: extras, a key, a value.
    static let shapes: [(BinaryOpcode, extras: Set<Int>, key: Set<Bool>, hasValue: Bool)] =
        stores.map { ($0.0, [8], [true], true) }
        + keyOnly.filter { $0.0 != .stat }.map { ($0.0, [0], [true], false) }
        + [(.stat, [0], [true, false], false)]
        + bare.filter { ![.flush, .flushQ, .stat].contains($0.0) }
        .map { ($0.0, [0], [false], false) }
        + [(.flush, [0, 4], [false], false), (.flushQ, [0, 4], [false], false)]
        + counters.map { ($0.0, [20], [true], false) }
        + withExptime.map { ($0.0, [4], [true], false) }
        + withValue.map { ($0.0, [0], [true], true) } + [(.verbosity, [4], [false], false)]

    @Test func everyOpcodeIsInTheTable() {
        #expect(Set(Self.shapes.map(\.0)) == Set(BinaryOpcode.allCases))
    }

    @Test(arguments: stores) func aStore(opcode: BinaryOpcode, name: String) {
        var packet = BinaryPacket(
            opcode, key: "key", extras: big(0xdead_beef as UInt32) + big(7 as UInt32),
            value: "value")
        packet.cas = 9
        #expect(
            BinaryText.of(packet) == "\(name) [key] 3735928559 7 cas 9 length 5 up to 35")
        packet.value = []
        #expect(BinaryText.of(packet) == "\(name) [key] 3735928559 7 cas 9 length 0")
    }

    @Test(arguments: keyOnly) func aKeyAlone(opcode: BinaryOpcode, expected: String) {
        #expect(BinaryText.of(BinaryPacket(opcode, key: "k")) == expected)
    }

    @Test(arguments: bare) func aHeaderAlone(opcode: BinaryOpcode, expected: String) {
        #expect(BinaryText.of(BinaryPacket(opcode)) == expected)
    }

    @Test(arguments: counters) func aCounter(opcode: BinaryOpcode, name: String) {
        let numbers = big(3 as UInt64) + big(UInt64.max)
        var packet = BinaryPacket(opcode, key: "k", extras: numbers + big(60 as UInt32))
        packet.cas = 5
        #expect(BinaryText.of(packet) == "\(name) [k] 3 18446744073709551615 60 cas 5")
        packet.extras = numbers + big(UInt32.max)
        #expect(BinaryText.of(packet) == "\(name) [k] 3 18446744073709551615 never cas 5")
    }

    @Test(arguments: withExptime) func anExptime(opcode: BinaryOpcode, expected: String) {
        #expect(BinaryText.of(BinaryPacket(opcode, key: "k", extras: big(UInt32.max))) == expected)
    }

    @Test(arguments: withValue) func aValue(opcode: BinaryOpcode, expected: String) {
        let packet = BinaryPacket(opcode, key: "k", value: "abc")
        #expect(BinaryText.of(packet) == expected + " up to 25")
    }

    @Test func theRestOfThem() {
        #expect(BinaryText.of(BinaryPacket(.flush, extras: big(10 as UInt32))) == "flush 10")
        #expect(BinaryText.of(BinaryPacket(.verbosity, extras: big(2 as UInt32))) == "verbosity 2")
        var unknown = BinaryPacket(.noop, key: "key", value: "value")
        for code in [0x25, 0x30, 0x3c, 0x7f, 0xff] as [UInt8] {
            unknown.code = code
            #expect(BinaryText.of(unknown) == "unknown length 8 up to 24")
        }
    }

    @Test func lengthsThatACommandCannotHave() {
        for (opcode, extras, keys, hasValue) in Self.shapes {
            for extrasLength in [0, 1, 3, 4, 5, 8, 19, 20, 21, 255] {
                for (hasKey, value) in [(false, ""), (true, ""), (false, "v"), (true, "v")] {
                    let packet = BinaryPacket(
                        opcode, key: hasKey ? "k" : "",
                        extras: [UInt8](repeating: 0, count: extrasLength), value: value)
                    let fits =
                        extras.contains(extrasLength) && keys.contains(hasKey)
                        && (hasValue || value.isEmpty)
                    let isRefused = BinaryText.of(packet) == "malformed"
                    #expect(isRefused != fits, "\(opcode), \(extrasLength), \(hasKey), \(value)")
                }
            }
        }
    }

    @Test func lengthsThatContradictEachOther() {
        var packet = BinaryPacket(.get, key: "key")
        packet.bodyLength = 2
        #expect(BinaryText.of(packet) == "refused: unknownCommand")
        packet = BinaryPacket(.set, key: "key", extras: big(0 as UInt64))
        packet.bodyLength = 10
        #expect(BinaryText.of(packet) == "refused: unknownCommand")
        packet.bodyLength = 1 << 30 + 1
        #expect(BinaryText.of(packet) == "refused: invalidArguments")
        packet.bodyLength = .max
        packet.keyLength = .max
        packet.extrasLength = .max
        #expect(BinaryText.of(packet) == "refused: invalidArguments")
    }

    @Test func keysOfTheLongestLengthAndOneMore() {
        let longest = String(repeating: "k", count: 250)
        #expect(BinaryText.of(BinaryPacket(.get, key: longest)) == "get [\(longest)]")
        #expect(BinaryText.of(BinaryPacket(.get, key: longest + "k")) == "malformed")
        // Said before the key has come, whatever the command.
        var packet = BinaryPacket(.noop)
        packet.code = 0xff
        packet.keyLength = 251
        packet.bodyLength = 251
        #expect(BinaryText.of(packet) == "malformed")
    }

    @Test func aPacketThatComesInPiecesMeansTheSame() {
        var random = SplitMix(seed: 5)
        for (opcode, extras, keys, hasValue) in Self.shapes {
            let packet = BinaryPacket(
                opcode, key: keys.contains(true) ? "a key" : "",
                extras: (0..<(extras.max() ?? 0)).map { _ in UInt8(random.below(256)) },
                value: hasValue ? "value" : "")
            let bytes = packet.bytes
            let whole = BinaryText.of(bytes, from: 0)
            let untilKey = bytes.count - packet.value.count
            for length in 0..<untilKey {
                let text = BinaryText.of(Array(bytes[..<length]), from: 0)
                #expect(text == (length < 24 ? "incomplete" : "incomplete, \(untilKey) needed"))
            }
            let text = BinaryText.of([0, 0x80] + bytes, from: 2)
            #expect(text.hasPrefix(whole.prefix { $0 != "u" }))
        }
    }

    @Test func whatIsNoRequestIsSeenAtOnce() {
        for first in 0...255 where first != 0x80 {
            #expect(BinaryText.of([UInt8(first)], from: 0) == "foreign")
        }
        #expect(BinaryText.of([], from: 0) == "incomplete")
    }

    @Test func randomBytesNeverTrapAndRangesLieWithin() {
        var random = SplitMix(seed: 99)
        for _ in 0..<200_000 {
            var bytes = (0..<random.below(60)).map { _ in UInt8(random.below(256)) }
            if !bytes.isEmpty { bytes[0] = 0x80 }
            // Mostly lengths that may fit.
            for place in [2, 8, 9, 10] where place < bytes.count && random.below(4) > 0 {
                bytes[place] = 0
            }
            if bytes.count > 4, random.below(2) == 0 { bytes[4] = UInt8(random.below(3) * 4) }
            if let key = BinaryParser.likelyKey(bytes.span) {
                #expect(key.start <= key.end && key.end <= bytes.count)
            }
            guard case .header(let header) = BinaryHeader.parse(bytes.span, from: 0),
                header.refusal == nil,
                case .request(let request, let next) = BinaryParser.parse(
                    header, bytes.span, from: 0)
            else { continue }
            #expect(next >= 24 && next <= bytes.count)
            if case .store(let store) = request {
                #expect(store.key.start >= 32 || store.flags == 0)
                #expect(store.key.end == next && store.length >= 0)
            }
        }
    }
}
