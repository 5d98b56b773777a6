import Foundation

@testable import CacheEngine

/// An engine of one shard that is used as a web site uses its cache: a key is asked for, and
/// stored if it is not there. All items are of one size.
final class LookAside {
    let engine: CacheEngine
    let now = Instant.seconds(100)
    private let value: [UInt8]
    private(set) var hits = 0

    init(_ policy: EvictionPolicy, memoryLimitBytes: Int, valueBytes: Int) throws {
        var configuration = EngineConfiguration.testing(memoryLimitBytes: memoryLimitBytes)
        configuration.eviction = policy
        engine = try CacheEngine(configuration)
        value = Noise.value(valueBytes, variant: 1)
    }

    var items: Int { engine.statistics(at: now).items }

    private func name(of key: Int) -> [UInt8] {
        // Of one width, so that all items take the same room.
        Array(String(100_000_000 + key).utf8)
    }

    @discardableResult
    func access(_ key: Int) -> Bool {
        let name = name(of: key)
        let hash = engine.hash(name.span)
        if engine.retrieve(name.span, hash, at: now, { _ in }) == .hit {
            hits += 1
            return true
        }
        let value = value
        _ = engine.store(
            StoreOptions(mode: .set), key: name.span, hash, value: value.span, at: now)
        return false
    }

    func holds(_ key: Int) -> Bool {
        let name = name(of: key)
        return engine.holds(name.span, engine.hash(name.span))
    }
}

/// Key numbers of which the nth is asked for about 1/n^skew as often as the first.
struct ZipfKeys {
    private let shares: [Double]

    init(count: Int, skew: Double) {
        var sum = 0.0
        shares = (1...count).map { rank in
            sum += pow(Double(rank), -skew)
            return sum
        }
    }

    func next(_ random: inout TestRandom) -> Int {
        let total = shares.last ?? 0
        let wanted = Double(random.next() >> 11) / Double(1 << 53) * total
        var (low, high) = (0, shares.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if shares[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
