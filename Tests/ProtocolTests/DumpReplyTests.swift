import Testing

@testable import Protocol

/// The lines of dumps, byte by byte.
@Suite struct DumpReplyTests {
    private func text(_ append: (inout ByteBuffer) -> Void) -> String {
        var buffer = ByteBuffer(capacity: 64)
        append(&buffer)
        let bytes = buffer.bytes
        return String(decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self)
    }

    @Test func everyByteButLettersDigitsAndFourSignsIsEncoded() {
        let plain = "ABCXYZabcxyz0189-._~"
        let bytes = (UInt8.min...UInt8.max).map { $0 }
        let encoded = text { $0.appendURIEncoded(bytes.span) }
        let expected = bytes.map { byte -> String in
            let character = Character(Unicode.Scalar(byte))
            if character.isASCII,
                character.isLetter || character.isNumber || "-._~".contains(character)
            {
                return String(character)
            }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }
        #expect(encoded == expected.joined())
        let key = Array(plain.utf8)
        #expect(text { $0.appendURIEncoded(key.span) } == plain)
    }

    @Test func aMetadumpLineEndsWithASpaceAndABareNewline() {
        let key = Array("a b".utf8)
        let line = text { buffer in
            buffer.appendMetadump(
                key: key.span, expiresAt: nil, accessedAt: 17, cas: 5, isFetched: false,
                classNumber: 3, bytes: 70, flags: 4_294_967_295)
        }
        #expect(
            line
                == "key=a%20b exp=-1 la=17 cas=5 fetch=no cls=3 size=70 flags=4294967295 \n")
        let expiring = text { buffer in
            buffer.appendMetadump(
                key: key.span, expiresAt: 100, accessedAt: -1, cas: .max, isFetched: true,
                classNumber: 1, bytes: 1, flags: 0)
        }
        #expect(
            expiring
                == "key=a%20b exp=100 la=-1 cas=18446744073709551615 fetch=yes cls=1 size=1 flags=0 \n"
        )
    }

    @Test(
        arguments: [
            ("plain", "mg plain\r\n"), ("a b", "mg YSBi b\r\n"), ("a\n", "mg YQo= b\r\n"),
            ("\t", "mg CQ== b\r\n"), ("ü", "mg ü\r\n"),
        ])
    func anMgdumpLineIsACommand(key: String, expected: String) {
        let bytes = Array(key.utf8)
        #expect(text { $0.appendMgdump(key: bytes.span, isBinary: false) } == expected)
    }

    @Test func aCachedumpLineTellsLengthAndExpiry() {
        let key = Array("k".utf8)
        #expect(
            text { $0.appendCachedump(key: key.span, valueLength: 9, expiresAt: nil) }
                == "ITEM k [9 b; 0 s]\r\n")
        #expect(
            text { $0.appendCachedump(key: key.span, valueLength: 0, expiresAt: 123) }
                == "ITEM k [0 b; 123 s]\r\n")
    }
}
