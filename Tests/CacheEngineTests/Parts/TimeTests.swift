import Testing

@testable import CacheEngine

@Suite struct TimeTests {
    /// Every millisecond of a second as the moment of storing.
    @Test func aTTLLivesAtLeastItsSecondsAndLessThanOneMore() {
        for phase in UInt64(0)..<1000 {
            let stored = Instant(milliseconds: 77_000 + phase)
            for seconds in [Int64(1), 2, 3, 60, 2_592_000] {
                let expiry = Expiry.after(seconds: seconds, from: stored)
                let full = stored.milliseconds + UInt64(seconds) * 1000
                #expect(!expiry.isPast(at: Instant(milliseconds: full - 1)))
                #expect(expiry.isPast(at: Instant(milliseconds: full + 999)))
            }
        }
    }

    @Test func whatIsNotInTheFutureIsPast() {
        let now = Instant.seconds(100)
        for seconds in [Int64(0), -1, -2_592_001, .min] {
            let expiry = Expiry.after(seconds: seconds, from: now)
            #expect(expiry == .past && expiry.isPast(at: now))
        }
        #expect(Expiry.past.isPast(at: Instant(milliseconds: 0)))
    }

    @Test func neverIsNeverPast() {
        for second in [UInt64(2), 1_000, UInt64(UInt32.max)] {
            #expect(!Expiry.never.isPast(at: .seconds(second)))
        }
        #expect(Expiry.never.remainingSeconds(at: .seconds(5)) == nil)
    }

    @Test(arguments: [Int64(UInt32.max), Int64(UInt32.max) + 1, 1 << 50, .max])
    func aTTLThatNoSecondCanHoldIsNever(seconds: Int64) {
        #expect(Expiry.after(seconds: seconds, from: .seconds(3)) == .never)
        #expect(Expiry.after(seconds: seconds, from: Instant(milliseconds: .max)) == .never)
    }

    @Test func theLongestTTLThatFitsIsKept() {
        let now = Instant.seconds(10)
        let longest = Int64(UInt32.max) - 10
        #expect(Expiry.after(seconds: longest, from: now).second == .max)
        #expect(Expiry.after(seconds: longest + 1, from: now) == .never)
    }

    @Test func remainingSecondsReadAsTheyWereGiven() {
        let now = Instant(milliseconds: 10_400)
        let expiry = Expiry.after(seconds: 5, from: now)
        #expect(expiry.remainingSeconds(at: now) == 5)
        #expect(expiry.remainingSeconds(at: Instant(milliseconds: 11_000)) == 5)
        #expect(expiry.remainingSeconds(at: Instant(milliseconds: 11_001)) == 4)
        #expect(expiry.remainingSeconds(at: Instant(milliseconds: 15_999)) == 0)
        #expect(expiry.remainingSeconds(at: Instant(milliseconds: 16_000)) == 0)
        #expect(expiry.remainingSeconds(at: Instant(milliseconds: 99_000)) == 0)
    }

    /// At every moment of a life: never more than was given, and 0 only in its last second.
    @Test func remainingSecondsCountDownByOneASecond() {
        for phase in stride(from: UInt64(0), to: 1000, by: 13) {
            let stored = Instant(milliseconds: 50_000 + phase)
            for seconds in [Int64(1), 2, 30] {
                let expiry = Expiry.after(seconds: seconds, from: stored)
                var last = seconds
                #expect(expiry.remainingSeconds(at: stored) == seconds)
                for ms in stride(from: UInt64(0), to: UInt64(seconds) * 1000 + 1_500, by: 7) {
                    let now = Instant(milliseconds: stored.milliseconds + ms)
                    guard let left = expiry.remainingSeconds(at: now) else {
                        Issue.record("it never expires")
                        return
                    }
                    #expect(left == last || left == last - 1)
                    #expect(left <= max(0, seconds - Int64(ms / 1000)) && left >= 0)
                    #expect(!expiry.isPast(at: now) || left == 0)
                    last = left
                }
                #expect(last == 0)
            }
        }
        let longest = Expiry.after(seconds: Int64(UInt32.max) - 3, from: .seconds(2))
        #expect(longest.remainingSeconds(at: .seconds(2)) == Int64(UInt32.max) - 3)
        #expect(Expiry.past.remainingSeconds(at: Instant(milliseconds: 0)) == 0)
    }

    @Test func aMomentIsNeverBeforeTheEnginesStartAndSecondsNeverGoBack() {
        #expect(Instant(milliseconds: 0).milliseconds == Instant.startMs)
        let late = Instant(milliseconds: .max)
        #expect(late.seconds >= Instant(milliseconds: UInt64(UInt32.max) * 1000).seconds)
        #expect(late == Instant(milliseconds: 1 << 43))
    }

    @Test func theEngineServesNothingWhoseTimeIsOver() throws {
        let engine = try CacheEngine(.testing(memoryLimitBytes: 1 << 20))
        for phase in stride(from: UInt64(0), to: 1000, by: 37) {
            let stored = Instant(milliseconds: 50_000 + phase)
            let options = StoreOptions(mode: .set, expiry: .after(seconds: 2, from: stored))
            #expect(engine.store(options, "k", [1], at: stored) != .notStored)
            #expect(engine.get("k", at: Instant(milliseconds: stored.milliseconds + 1_999)) != nil)
            #expect(engine.get("k", at: Instant(milliseconds: stored.milliseconds + 3_000)) == nil)
        }
    }
}
