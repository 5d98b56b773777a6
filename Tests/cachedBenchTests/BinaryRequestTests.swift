import Testing

@testable import cached_bench

@Suite struct BinaryRequestTests {
    private func write(
        _ plan: LoadPlan, _ body: (RequestWriter, borrowing KeySource, inout OutputBuffer) -> Void
    ) -> [UInt8] {
        var output = OutputBuffer(capacity: 64)
        body(RequestWriter(plan), KeySource(plan, trace: nil, thread: 0), &output)
        var bytes: [UInt8] = []
        for place in output.bytes.indices { bytes.append(output.bytes[place]) }
        return bytes
    }

    private var plan: LoadPlan {
        var plan = LoadPlan()
        plan.protocolKind = .binary
        return plan
    }

    private func header(
        _ opcode: UInt8, keyBytes: UInt8, extraBytes: UInt8 = 0, restBytes: [UInt8],
        opaque: [UInt8]
    ) -> [UInt8] {
        let lengths: [UInt8] = [0, keyBytes, extraBytes, 0, 0, 0]
        return [0x80, opcode] + lengths + restBytes + opaque + [UInt8](repeating: 0, count: 8)
    }

    @Test(arguments: [false, true])
    func oneGet(verifies: Bool) {
        var plan = plan
        plan.verifies = verifies
        let bytes = write(plan) { $0.appendGet(42, opaque: 0x0102_0304, $1, to: &$2) }
        let expected = header(
            verifies ? 0x0c : 0x00, keyBytes: 6, restBytes: [0, 0, 0, 6], opaque: [1, 2, 3, 4])
        #expect(bytes == expected + Array("key:42".utf8))
    }

    @Test(arguments: [false, true])
    func aGetOfMany(verifies: Bool) {
        var plan = plan
        plan.verifies = verifies
        let bytes = write(plan) {
            $0.appendGetPart(1, isFirst: true, opaque: .max, $1, to: &$2)
            $0.appendGetPart(23, isFirst: false, opaque: 0, $1, to: &$2)
            $0.appendGetEnd(opaque: 0, to: &$2)
        }
        let opcode: UInt8 = verifies ? 0x0d : 0x09
        let first = header(
            opcode, keyBytes: 5, restBytes: [0, 0, 0, 5], opaque: [255, 255, 255, 255])
        let second = header(opcode, keyBytes: 6, restBytes: [0, 0, 0, 6], opaque: [0, 0, 0, 0])
        let end = header(0x0a, keyBytes: 0, restBytes: [0, 0, 0, 0], opaque: [0, 0, 0, 0])
        #expect(bytes == first + Array("key:1".utf8) + second + Array("key:23".utf8) + end)
    }

    @Test func aSet() {
        var plan = plan
        plan.valueSizes = .fixed(0x010203)
        plan.ttlSeconds = 0x0001_0203
        let value = 0x010203
        let bytes = write(plan) {
            $0.appendSet(7, opaque: 9, $1, ValuePattern(), to: &$2)
        }
        let flags = ValuePattern.flags(of: 7)
        let rest = UInt32(8 + 5 + value)
        let expected =
            header(
                0x01, keyBytes: 5, extraBytes: 8,
                restBytes: [
                    UInt8(rest >> 24), UInt8(rest >> 16 & 0xff), UInt8(rest >> 8 & 0xff),
                    UInt8(rest & 0xff),
                ], opaque: [0, 0, 0, 9])
            + [0, 0, UInt8(flags >> 8), UInt8(flags & 0xff), 0, 1, 2, 3] + Array("key:7".utf8)
        #expect(Array(bytes.prefix(expected.count)) == expected)
        // No line end follows.
        let tail = Array(bytes.dropFirst(expected.count))
        #expect(tail.count == value)
        let isRight = ValuePattern().matches(tail.span, at: 0, key: 7, count: value)
        #expect(isRight)
    }

    @Test func aSetOfNothingWithoutFlags() {
        var plan = plan
        plan.valueSizes = .fixed(0)
        plan.setsFlags = false
        let bytes = write(plan) { $0.appendSet(7, opaque: 0, $1, ValuePattern(), to: &$2) }
        let expected = header(
            0x01, keyBytes: 5, extraBytes: 8, restBytes: [0, 0, 0, 13], opaque: [0, 0, 0, 0])
        #expect(bytes == expected + [UInt8](repeating: 0, count: 8) + Array("key:7".utf8))
    }
}
