import Testing

@testable import CacheEngine

/// The memory of what was evicted, beside a dictionary.
@Suite struct GhostTableTests {
    /// `#expect` wants what can be copied.
    private final class Ghosts {
        private var table = GhostTable()
        var bytes: Int { table.bytes }

        func remember(_ hash: KeyHash, items: Int) { table.remember(hash, items: items) }
        func take(_ hash: KeyHash) -> Bool { table.take(hash) }
    }

    private func hash(_ random: inout TestRandom) -> KeyHash { KeyHash(rawValue: random.next()) }

    @Test func anEmptyTableKnowsNothingAndCostsNothing() {
        let table = Ghosts()
        #expect(!table.take(.zero) && !table.take(KeyHash(rawValue: .max)))
        #expect(table.bytes == 0)
    }

    @Test func aKeyIsTakenOnce() {
        let table = Ghosts()
        var random = TestRandom(seed: TestEnvironment.seed)
        let one = hash(&random)
        table.remember(one, items: 1_000)
        #expect(table.take(one) && !table.take(one))
    }

    /// 0 stands for an empty entry: a key whose mark would be 0 has another one.
    @Test func aHashOfZerosIsRememberedAndNotFoundInAnEmptyEntry() {
        let table = Ghosts()
        table.remember(KeyHash(rawValue: 0x1234 << 32), items: 1_000)
        #expect(!table.take(.zero))
        table.remember(.zero, items: 1_000)
        #expect(table.take(.zero) && !table.take(.zero))
    }

    /// With fewer than 8,192 ghosts, time goes on with every eviction.
    @Test(arguments: [2, 3, 10, 20, 1_000, 16_000])
    func aGhostLivesForHalfOfTheItems(items: Int) {
        var random = TestRandom(seed: TestEnvironment.seed)
        for (later, lives) in [(items / 2, true), (items / 2 + 1, false)] {
            let table = Ghosts()
            // Time does not begin at 0: the table is as it is after a while.
            for _ in 0..<items * 3 { table.remember(hash(&random), items: items) }
            let one = KeyHash(rawValue: 0x77_7777)
            table.remember(one, items: items)
            for _ in 0..<later { table.remember(stranger(&random), items: items) }
            #expect(table.take(one) == lives, "after \(later) evictions")
        }
    }

    /// A hash of another bucket where there is one, so that none is pushed out before its time.
    private func stranger(_ random: inout TestRandom) -> KeyHash {
        KeyHash(rawValue: random.next() & ~1)
    }

    /// In a large table time goes in steps: a life is half of the items, less or more one step.
    @Test func inALargeTableALifeIsRoundedToASmallPartOfItself() {
        let items = 200_000
        let step = items / 2 / 4096
        var random = TestRandom(seed: TestEnvironment.seed)
        for (later, lives) in [(items / 2 - step, true), (items / 2 + 2 * step, false)] {
            let table = Ghosts()
            for _ in 0..<1_000 { table.remember(hash(&random), items: items) }
            let one = KeyHash(rawValue: 0x77_7777)
            table.remember(one, items: items)
            for _ in 0..<later { table.remember(stranger(&random), items: items) }
            #expect(table.take(one) == lives, "after \(later) evictions")
        }
    }

    /// Nearly all are there to the end of their life, and hardly any that never was.
    @Test(arguments: [3_000, 50_000]) func fewAreLostAndFewAreTakenForGhosts(items: Int) {
        let table = Ghosts()
        var random = TestRandom(seed: TestEnvironment.seed)
        for _ in 0..<items { table.remember(hash(&random), items: items) }
        let young = (0..<items / 2).map { _ in hash(&random) }
        for one in young { table.remember(one, items: items) }
        let strangers = 200_000
        let wrong = (0..<strangers).count { _ in table.take(hash(&random)) }
        // One in 5,000 is the estimate for a table that is as full as it gets.
        #expect(wrong <= strangers / 2_500, "\(wrong) of \(strangers)")
        let kept = young.count { table.take($0) }
        #expect(kept >= young.count * 95 / 100, "\(kept) of \(young.count)")
        #expect(young.count { table.take($0) } == 0)
    }

    @Test func theTableGrowsWithTheItemsAndShrinksWhenItIsMuchTooLarge() {
        let table = Ghosts()
        var random = TestRandom(seed: TestEnvironment.seed)
        var sizes: [Int] = []
        for items in [0, 1, 24, 25, 1_000, 100_000, 90_000, 30_000, 1_000] {
            table.remember(hash(&random), items: items)
            sizes.append(table.bytes / 64)
            // Three quarters full at most, and 6 bytes per item but for the smallest.
            #expect(table.bytes / 4 * 3 / 4 >= items / 2)
        }
        #expect(sizes == [1, 1, 1, 1, 64, 8_192, 8_192, 8_192, 64])
        // What was there is forgotten, and what comes is remembered.
        let one = hash(&random)
        table.remember(one, items: 1_000)
        #expect(table.take(one))
    }

    @Test func aGhostCostsThreeToSixBytesPerItem() {
        var random = TestRandom(seed: TestEnvironment.seed)
        for items in [1_000, 10_000, 98_304, 98_305, 1_000_000] {
            let table = Ghosts()
            table.remember(hash(&random), items: items)
            let cost = Double(table.bytes) / Double(items)
            #expect(cost >= 2.6 && cost <= 5.5, "\(cost) bytes for \(items) items")
        }
    }
}
