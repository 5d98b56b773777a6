import Testing

@testable import Protocol

@Suite struct BinaryReplyTests {
    private let tag = BinaryTag([0x80, 0x0c] + [UInt8](repeating: 0, count: 10) + [1, 2, 3, 4])

    private func bytes(_ write: (inout ByteBuffer) -> Void) -> [UInt8] {
        var buffer = ByteBuffer(capacity: 0)
        write(&buffer)
        return (0..<buffer.count).map { buffer.bytes[$0] }
    }

    private func reply(
        _ status: UInt16, extras: [UInt8] = [], key: String = "", value: String = "",
        cas: UInt64 = 0
    ) -> [UInt8] {
        let body = extras + Array(key.utf8) + Array(value.utf8)
        var bytes: [UInt8] = [0x81, 0x0c]
        bytes += big(UInt16(key.utf8.count))
        bytes += [UInt8(extras.count), 0]
        bytes += big(status)
        bytes += big(UInt32(body.count))
        bytes += [1, 2, 3, 4]
        bytes += big(cas)
        return bytes + body
    }

    @Test func aHeaderRepeatsOpcodeAndOpaque() {
        #expect(bytes { $0.appendBinaryHeader(tag, cas: 77) } == reply(0, cas: 77))
    }

    @Test func aValueHasItsFlagsAndPerhapsItsKey() {
        let value = "value"
        for key in ["", "a key"] {
            let written = bytes {
                $0.appendBinaryValueStart(
                    tag, key: key.utf8Span.span, flags: 0x0102_0304, length: 5, cas: .max)
                $0.append(value)
            }
            #expect(
                written == reply(0, extras: [1, 2, 3, 4], key: key, value: value, cas: .max))
        }
    }

    @Test func aMissThatNamesItsKeySaysNothingElse() {
        #expect(
            bytes { $0.appendBinaryMiss(tag, key: "k".utf8Span.span) } == reply(1, key: "k"))
    }

    @Test(arguments: [
        (BinaryStatus.keyNotFound, 0x01, "Not found"),
        (.keyExists, 0x02, "Data exists for key."), (.tooLarge, 0x03, "Too large."),
        (.invalidArguments, 0x04, "Invalid arguments"), (.notStored, 0x05, "Not stored."),
        (.notNumeric, 0x06, "Non-numeric server-side value for incr or decr"),
        (.authenticationFailed, 0x20, "Auth failure."),
        (.unknownCommand, 0x81, "Unknown command"), (.outOfMemory, 0x82, "Out of memory"),
    ])
    func anErrorSaysWhy(status: BinaryStatus, code: UInt16, text: String) {
        #expect(bytes { $0.appendBinaryError(tag, status) } == reply(code, value: text))
        #expect(
            bytes { $0.appendBinaryError(tag, status, "precisely") }
                == reply(code, value: "precisely"))
    }

    @Test func aCounterIsEightBytes() {
        #expect(
            bytes { $0.appendBinaryCounter(tag, 0x4142_4344_4546_4748, cas: 5) }
                == reply(0, value: "ABCDEFGH", cas: 5))
    }

    @Test func aStatisticIsAReplyOfItsOwn() {
        let written = bytes {
            $0.appendBinaryStat(tag, name: "pid".utf8Span.span, value: "12".utf8Span.span)
        }
        #expect(written == reply(0, key: "pid", value: "12"))
    }

    @Test func quietAndKeyedFormsAreKnown() {
        let quiet: Set<UInt8> = [
            0x09, 0x0d, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1e, 0x24,
        ]
        for code in 0...255 as ClosedRange<UInt8> {
            let tag = BinaryTag(code: code, opaque: 0)
            #expect(tag.isQuiet == quiet.contains(code))
            #expect(tag.returnsKey == [0x0c, 0x0d, 0x23, 0x24].contains(code))
        }
    }
}

extension BinaryTag {
    fileprivate init(_ bytes: [UInt8]) { self.init(bytes.span, at: 0) }
}
