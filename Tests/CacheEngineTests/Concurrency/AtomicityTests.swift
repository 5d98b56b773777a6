import Synchronization
import Testing

@testable import CacheEngine

/// Commands that promise to be atomic, from many threads at once.
@Suite struct AtomicityTests {
    private func makeEngine() throws -> CacheEngine {
        try CacheEngine(.testing(memoryLimitBytes: 4 << 20, shards: 4))
    }

    private func expectSound(_ engine: CacheEngine) {
        let violations = InvariantCheck(engine).run()
        #expect(violations.isEmpty)
    }

    @Test func everyIncrementOfManyThreadsCounts() throws {
        let engine = try makeEngine()
        let now = Instant.seconds(10)
        let (threads, each) = (64, 500)
        #expect(engine.set("n", [UInt8(ascii: "0")], at: now) != .notStored)
        Threads.run(threads) { _ in
            for _ in 0..<each { _ = engine.adjust("n", .increment, by: 3, at: now) }
        }
        let total = UInt64(threads * each * 3)
        #expect(engine.adjust("n", .increment, by: 0, at: now).number == total)
        expectSound(engine)
    }

    @Test func everyDecrementOfManyThreadsCounts() throws {
        let engine = try makeEngine()
        let now = Instant.seconds(10)
        let (threads, each) = (32, 500)
        let start = UInt64(threads * each) + 7
        #expect(engine.set("n", Array("\(start)".utf8), at: now) != .notStored)
        Threads.run(threads) { number in
            for _ in 0..<each {
                _ = engine.adjust("n", .decrement, by: 1, at: now)
                // A neighbour that comes and goes, so that its pages move.
                _ = engine.set("other \(number)", Noise.value(number * 30, variant: 1), at: now)
            }
        }
        #expect(engine.adjust("n", .decrement, by: 0, at: now).number == 7)
        expectSound(engine)
    }

    @Test func eachCASValueHasOneWinner() throws {
        let engine = try makeEngine()
        let now = Instant.seconds(10)
        #expect(engine.set("n", [UInt8(ascii: "0")], at: now) != .notStored)
        let tokens = Collected<UInt64>()
        Threads.run(32) { _ in
            var won: [UInt64] = []
            for _ in 0..<300 {
                guard let item = engine.get("n", at: now),
                    let number = CacheModel.number(item.value)
                else { continue }
                let options = StoreOptions(mode: .cas(item.cas))
                let value = Array(String(number + 1).utf8)
                if case .stored = engine.store(options, "n", value, at: now) {
                    won.append(item.cas)
                }
            }
            tokens.add(won)
        }
        let won = tokens.all
        #expect(!won.isEmpty)
        #expect(Set(won).count == won.count, "a CAS value was used twice")
        let last = engine.get("n", at: now).flatMap { CacheModel.number($0.value) }
        #expect(last == UInt64(won.count), "an update was lost")
        expectSound(engine)
    }

    @Test func eachKeyIsAddedByOneThread() throws {
        let engine = try makeEngine()
        let now = Instant.seconds(10)
        let winners = Collected<(key: Int, thread: Int)>()
        Threads.run(16) { thread in
            for key in 0..<400 {
                let value = Array("\(thread)".utf8)
                let result = engine.store(StoreOptions(mode: .add), "k\(key)", value, at: now)
                if case .stored = result { winners.add((key, thread)) }
            }
        }
        let won = winners.all
        #expect(Set(won.map(\.key)).count == 400 && won.count == 400)
        for (key, thread) in won {
            #expect(engine.get("k\(key)", at: now)?.value == Array("\(thread)".utf8))
        }
        expectSound(engine)
    }

    @Test func everyAppendedPartIsThereOnceAndInItsThreadsOrder() throws {
        let engine = try makeEngine()
        let now = Instant.seconds(10)
        let (threads, each) = (16, 60)
        #expect(engine.set("log", [], at: now) != .notStored)
        Threads.run(threads) { thread in
            for part in 0..<each {
                let record = Array("\(thread).\(part);".utf8)
                let result = engine.store(
                    StoreOptions(mode: .append), "log", record, at: now)
                if case .stored = result { continue }
                return
            }
        }
        let text = String(decoding: engine.get("log", at: now)?.value ?? [], as: UTF8.self)
        let records = text.split(separator: ";")
        #expect(records.count == threads * each)
        for thread in 0..<threads {
            let own = records.filter { $0.hasPrefix("\(thread).") }
            #expect(own == (0..<each).map { "\(thread).\($0)" }.map { Substring($0) })
        }
        expectSound(engine)
    }
}

extension CounterResult {
    var number: UInt64? {
        guard case .value(let counter) = self else { return nil }
        return counter.value
    }
}
