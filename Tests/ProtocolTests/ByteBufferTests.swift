import Testing

@testable import Protocol

@Suite struct ByteBufferTests {
    private func text(_ buffer: borrowing ByteBuffer) -> String {
        var bytes: [UInt8] = []
        for position in 0..<buffer.count { bytes.append(buffer.bytes[position]) }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func whatIsAppendedStandsInOrderHoweverOftenItGrows() {
        var buffer = ByteBuffer(capacity: 1)
        var expected = ""
        var random = SplitMix(seed: 11)
        for number in 0..<3_000 {
            switch random.below(5) {
            case 0:
                buffer.append(UInt8(ascii: "x"))
                expected += "x"
            case 1:
                let bytes = Array(String(repeating: "ab", count: random.below(60)).utf8)
                buffer.append(bytes.span)
                expected += String(decoding: bytes, as: UTF8.self)
            case 2:
                buffer.append("static" as StaticString)
                expected += "static"
            case 3:
                buffer.append("text \(number)")
                expected += "text \(number)"
            default:
                let value = random.next() >> UInt64(random.below(64))
                buffer.appendDecimal(value)
                expected += String(value)
            }
            let fits = buffer.capacity >= buffer.count
            #expect(fits)
        }
        let written = text(buffer)
        let count = buffer.count
        #expect(written == expected && count == expected.utf8.count)
    }

    @Test func aReserveMakesRoomAndKeepsWhatIsThere() {
        var buffer = ByteBuffer(capacity: 0)
        let smallest = buffer.capacity
        #expect(smallest == 64)
        buffer.append("abc" as StaticString)
        buffer.reserve(1_000_000)
        let roomy = buffer.capacity
        #expect(roomy >= 1_000_003)
        let written = text(buffer)
        #expect(written == "abc")
        buffer.removeAll()
        let (isEmpty, kept) = (buffer.isEmpty, buffer.capacity)
        #expect(isEmpty && kept == roomy)
    }

    @Test func decimalsAreRightAtEveryNumberOfDigits() {
        var power: UInt64 = 1
        for _ in 0..<20 {
            for value in [power &- 1, power, power &+ 1] {
                var buffer = ByteBuffer(capacity: 0)
                buffer.appendDecimal(value)
                let written = text(buffer)
                #expect(written == String(value))
            }
            power = power.multipliedReportingOverflow(by: 10).partialValue
        }
    }

    @Test func aValueLineHasItsCASOnlyIfItIsAskedFor() {
        let key = Array("a key".utf8)
        var buffer = ByteBuffer(capacity: 0)
        buffer.appendValueLine(key: key.span, flags: .max, length: 0, cas: nil)
        buffer.appendValueLine(key: key.span, flags: 0, length: 1_048_576, cas: .max)
        let written = text(buffer)
        #expect(
            written == "VALUE a key 4294967295 0\r\n"
                + "VALUE a key 0 1048576 18446744073709551615\r\n")
    }

    @Test func aStatIsOneLine() {
        var buffer = ByteBuffer(capacity: 0)
        buffer.appendStat("curr_items", "5")
        let written = text(buffer)
        #expect(written == "STAT curr_items 5\r\n")
    }

    @Test func anEmptySpanChangesNothing() {
        var buffer = ByteBuffer(capacity: 0)
        let empty: [UInt8] = []
        buffer.append(empty.span)
        let isEmpty = buffer.isEmpty
        #expect(isEmpty)
    }
}
