import Testing

@testable import cached_bench

@Suite struct RequestTests {
    private func text(_ output: borrowing OutputBuffer) -> String {
        var bytes: [UInt8] = []
        for place in output.bytes.indices { bytes.append(output.bytes[place]) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func write(
        _ plan: LoadPlan, _ body: (RequestWriter, borrowing KeySource, inout OutputBuffer) -> Void
    ) -> String {
        var output = OutputBuffer(capacity: 64)
        body(RequestWriter(plan), KeySource(plan, trace: nil, thread: 0), &output)
        return text(output)
    }

    @Test func textRequests() {
        var plan = LoadPlan()
        plan.keyBytes = 10
        plan.valueSizes = .fixed(0)
        plan.ttlSeconds = 60
        plan.setsFlags = false
        #expect(write(plan) { $0.appendGet(42, opaque: 0, $1, to: &$2) } == "get key:000042\r\n")
        #expect(
            write(plan) { $0.appendSet(7, opaque: 0, $1, ValuePattern(), to: &$2) }
                == "set key:000007 0 60 0\r\n\r\n")
        let many = write(plan) {
            $0.appendGetPart(1, isFirst: true, opaque: 0, $1, to: &$2)
            $0.appendGetPart(2, isFirst: false, opaque: 0, $1, to: &$2)
            $0.appendGetEnd(opaque: 0, to: &$2)
        }
        #expect(many == "get key:000001 key:000002\r\n")
    }

    @Test func metaRequests() {
        var plan = LoadPlan()
        plan.protocolKind = .meta
        plan.valueSizes = .fixed(0)
        plan.setsFlags = false
        #expect(write(plan) { $0.appendGet(42, opaque: 0, $1, to: &$2) } == "mg key:42 v\r\n")
        #expect(
            write(plan) { $0.appendSet(7, opaque: 0, $1, ValuePattern(), to: &$2) }
                == "ms key:7 0 T0 F0\r\n\r\n")
        plan.verifies = true
        let many = write(plan) {
            $0.appendGetPart(1, isFirst: true, opaque: 0, $1, to: &$2)
            $0.appendGetEnd(opaque: 0, to: &$2)
        }
        #expect(many == "mg key:1 v f k q\r\nmn\r\n")
    }

    @Test func decimals() {
        for value in [0, 9, 10, 99, 100, 12_345, UInt64.max / 2, .max - 1, .max] as [UInt64] {
            var output = OutputBuffer(capacity: 64)
            output.appendDecimal(value)
            #expect(text(output) == String(value))
        }
        var output = OutputBuffer(capacity: 64)
        output.appendDecimal(7, minimumDigits: 30)
        #expect(text(output) == String(repeating: "0", count: 29) + "7")
    }

    @Test func aKeyIsReadBack() {
        var plan = LoadPlan()
        plan.keyBytes = 12
        let keys = KeySource(plan, trace: nil, thread: 0)
        for key in [0, 5, 199_999] as [UInt64] {
            var output = OutputBuffer(capacity: 64)
            keys.appendKey(key, to: &output)
            let read = keys.number(ofText: output.bytes)
            #expect(read == key)
        }
        for wrong in [
            "", "key:", "key:5", "kex:00000005", "key:0000000x", "key:99999999999999999999",
        ] {
            let bytes = Array(wrong.utf8)
            let read = keys.number(ofText: bytes.span)
            #expect(read == nil, "\(wrong)")
        }
    }

    @Test func theLoadingPhaseIsDealtToTheThreads() {
        var plan = LoadPlan()
        plan.source = .fill
        plan.keySpace = 10
        plan.threads = 3
        var drawn: [UInt64] = []
        for thread in 0..<3 {
            var keys = KeySource(plan, trace: nil, thread: thread)
            while let key = keys.next() { drawn.append(key) }
        }
        #expect(drawn.sorted() == Array(0..<10))
    }

    @Test func aScheduleIsEvenAndShared() {
        var times: [UInt64] = []
        for thread in 0..<2 {
            var schedule = Schedule(
                requestsPerSecond: 1000, start: 5_000_000, thread: thread, threads: 2)
            for _ in 0..<3 {
                times.append(schedule.nextDue)
                schedule.advance()
            }
            #expect(schedule.due(upTo: schedule.nextDue - 1) == 0)
            #expect(schedule.due(upTo: schedule.nextDue + 2_000_000) == 2)
        }
        #expect(times.sorted() == (5...10).map { $0 * 1_000_000 })
    }

    @Test func theRingKeepsItsOrder() {
        var ring = RequestRing(depth: 3, keysPerRequest: 2)
        var nextIn: UInt64 = 0
        var nextOut: UInt64 = 0
        var random = RandomNumbers(seed: 8)
        for _ in 0..<1000 {
            if ring.count < 3, random.next(below: 2) == 0 {
                ring.append(PendingRequest(startedAt: nextIn, keyCount: 2, isSet: false))
                ring.append(key: nextIn * 2)
                ring.append(key: nextIn * 2 + 1)
                nextIn += 1
            } else if let first = ring.first {
                let second = ring.key(1)
                let before = ring.isFound(0)
                ring.setFound(0)
                let after = (ring.isFound(0), ring.isFound(1), ring.key(0))
                let numbers = (ring.firstKeyNumber, ring.nextKeyNumber)
                #expect(first.startedAt == nextOut && second == nextOut * 2 + 1)
                #expect(!before && after == (true, false, nextOut * 2))
                // These keys are their own numbers.
                #expect(numbers == (UInt32(nextOut * 2), UInt32(nextIn * 2)))
                nextOut += 1
                ring.removeFirst()
            }
        }
    }

    @Test func numerals() {
        #expect(Numerals.fixed(1.005, 1) == "1.0")
        #expect(Numerals.fixed(-0.04, 1) == "0.0")
        #expect(Numerals.fixed(0.95, 1) == "1.0" || Numerals.fixed(0.95, 1) == "0.9")
        #expect(Numerals.fixed(12.5, 3) == "12.500")
        #expect(Numerals.fixed(.nan, 1) == "-")
        #expect(Numerals.grouped(1_234_567) == "1,234,567")
        #expect(Numerals.grouped(-12) == "-12")
        #expect(Numerals.bytes(1_500_000) == "1.5 MB")
    }

    @Test func chartsAreDrawnOfAnything() {
        var histogram = Histogram()
        #expect(LatencyChart.svg(of: []).hasSuffix("</svg>\n"))
        #expect(LatencyChart.svg(of: [("empty", histogram)]).hasSuffix("</svg>\n"))
        histogram.record(0)
        #expect(LatencyChart.svg(of: [("<one>", histogram)]).contains("&lt;one&gt;"))
        for value in 1...1000 as ClosedRange<UInt64> { histogram.record(value * value * value) }
        #expect(!LatencyChart.svg(of: [("many", histogram)]).contains("nan"))
    }
}
