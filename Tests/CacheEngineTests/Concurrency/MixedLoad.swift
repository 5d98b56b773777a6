import Synchronization

@testable import CacheEngine

/// Threads that do everything at once to one engine, and find out when a value is not what
/// somebody stored.
final class MixedLoad: Sendable {
    let engine: CacheEngine
    let keys: Int
    let operations: Int
    let seed: UInt64
    let faults = Collected<String>()
    let verified = Atomic<Int>(0)
    /// Charged for connection buffers; only one thread does that.
    private let buffers = Atomic<Int>(0)
    var chargedBytes: Int { buffers.load(ordering: .relaxed) }
    private let clockMs = Atomic<UInt64>(10_000)

    init(_ engine: CacheEngine, keys: Int, operations: Int, seed: UInt64) {
        self.engine = engine
        self.keys = keys
        self.operations = operations
        self.seed = seed
    }

    var now: Instant { Instant(milliseconds: clockMs.load(ordering: .relaxed)) }

    /// The last of `threads` looks after the whole cache; the others are clients.
    func run(threads: Int) {
        // Made before there are threads.
        _ = Noise.bytes.count
        Threads.run(threads) { thread in
            var random = TestRandom(seed: self.seed &+ UInt64(thread))
            if thread == threads - 1 {
                for _ in 0..<self.operations { self.lookAfterTheCache(&random) }
            } else {
                for _ in 0..<self.operations { self.clientStep(&random) }
            }
        }
        _ = engine.setMemoryLimit(bytes: engine.configuration.memoryLimitBytes)
        engine.maintainFully(at: now)
    }

    private func lookAfterTheCache(_ random: inout TestRandom) {
        let limit = engine.configuration.memoryLimitBytes
        switch random.below(200) {
        case 0: engine.flush()
        case 1: engine.flush(at: Instant(milliseconds: now.milliseconds + 50))
        case 2: _ = engine.setMemoryLimit(bytes: limit)
        case 3: _ = engine.setMemoryLimit(bytes: limit / 2)
        case 4: _ = engine.statistics(at: now)
        case 5: charge(bytes: 100_000)
        case 6: charge(bytes: -100_000)
        case 7..<60:
            clockMs.add(UInt64(random.below(40)), ordering: .relaxed)
            engine.advance(to: now)
        default:
            var pass = CacheEngine.MaintenancePass()
            for _ in 0..<4 where engine.maintain(&pass, at: now) { break }
        }
    }

    private func charge(bytes: Int) {
        let sum = buffers.load(ordering: .relaxed) + bytes
        guard (0...500_000).contains(sum) else { return }
        buffers.store(sum, ordering: .relaxed)
        engine.charge(bytes: bytes)
    }

    private func clientStep(_ random: inout TestRandom) {
        let key = random.below(keys)
        let name = Array("key \(key)".utf8)
        let hash = engine.hash(name.span)
        engine.prefetchBucket(hash)
        engine.prefetchItem(hash)
        switch random.below(100) {
        case 0..<45: read(key, name, hash, touch: nil, &random)
        case 45..<50: read(key, name, hash, touch: expiry(&random), &random)
        case 50..<80: store(key, name, hash, &random)
        case 80..<86: storeInParts(key, name, hash, &random)
        case 86..<92: _ = engine.delete(name.span, hash, at: now)
        case 92..<95: _ = engine.touch(name.span, hash, expiry(&random), at: now)
        default: count(&random)
        }
    }

    private func expiry(_ random: inout TestRandom) -> Expiry {
        random.isOneIn(3) ? .after(seconds: Int64(random.below(3)), from: now) : .never
    }

    private func read(
        _ key: Int, _ name: [UInt8], _ hash: KeyHash, touch: Expiry?, _ random: inout TestRandom
    ) {
        var held: LargeItem?
        var value: [UInt8]?
        let wantsHold = random.isOneIn(2)
        let result = engine.retrieve(name.span, hash, touch: touch, at: now) { view in
            if view.isChained, wantsHold { held = view.hold() } else { value = view.wholeValue }
        }
        guard result == .hit else { return }
        if let held {
            // Others delete, replace and evict it meanwhile.
            var bytes: [UInt8] = []
            let reader = engine.reader(of: held)
            engine.forEachPart(of: reader) { part in
                unsafe part.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
                return true
            }
            engine.release(held)
            value = bytes
        }
        verified.add(1, ordering: .relaxed)
        if let fault = ProvenValue.fault(in: value ?? [], of: key) { faults.add(fault) }
    }

    private func store(
        _ key: Int, _ name: [UInt8], _ hash: KeyHash, _ random: inout TestRandom
    ) {
        let length = ProvenValue.headerBytes + (1 << random.below(14)) + random.below(100)
        let value = ProvenValue.make(key: key, length: length, variant: random.next() >> 32)
        let mode: StoreMode = [.set, .set, .set, .add, .replace][random.below(5)]
        let options = StoreOptions(mode: mode, flags: UInt32(key), expiry: expiry(&random))
        let result = engine.store(options, key: name.span, hash, value: value.span, at: now)
        if result == .tooLarge || result == .mustCull { faults.add("\(result)") }
    }

    private func storeInParts(
        _ key: Int, _ name: [UInt8], _ hash: KeyHash, _ random: inout TestRandom
    ) {
        let length = CacheEngine.largeValueBytes + random.below(60_000)
        let value = ProvenValue.make(key: key, length: length, variant: random.next() >> 32)
        let options = StoreOptions(mode: random.isOneIn(4) ? .add : .set, expiry: expiry(&random))
        let begun = engine.begin(options, key: name.span, hash, valueLength: length, at: now)
        guard var writer = begun else { return }
        var written = 0
        while written < length {
            let part = min(length - written, random.between(1, 40_000))
            let bytes = value.span.extracting(written..<written + part)
            guard engine.append(bytes, to: &writer, at: now) else {
                return engine.fail(writer, at: now)
            }
            written += part
        }
        if random.isOneIn(8) { return engine.abandon(writer) }
        _ = engine.finish(writer, at: now)
    }

    /// Counters among the values, so that they grow digits while pages move.
    private func count(_ random: inout TestRandom) {
        let name = "counter \(random.below(20))"
        switch engine.adjust(name, .increment, by: 999, at: now) {
        case .notFound: _ = engine.store(StoreOptions(mode: .add), name, [48], at: now)
        case .notNumeric: faults.add("\(name) is no number any more")
        case .value(let counter):
            if counter.value % 999 != 0 { faults.add("\(name): \(counter.value)") }
        case .outOfMemory: break
        case .exists, .mustCull: faults.add("\(name): not asked for")
        }
    }
}
