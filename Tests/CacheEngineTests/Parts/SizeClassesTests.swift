import Testing

@testable import CacheEngine

@Suite struct SizeClassesTests {
    /// Every page size that a configuration can give, and two sizes of units.
    static let shapes: [(page: Int, shift: Int)] = [
        (16 << 10, 4), (32 << 10, 4), (64 << 10, 4), (128 << 10, 4), (256 << 10, 4),
        (64 << 10, 5), (256 << 10, 6),
    ]

    private func sizes(_ classes: SizeClasses) -> [Int] {
        (0..<classes.count).map { classes.chunkBytes(of: classes.sizeClass(at: $0)) }
    }

    @Test(arguments: shapes) func sizesGrowAndEndAtASixteenthOfAPage(page: Int, shift: Int) {
        let classes = SizeClasses(pageBytes: page, unitShift: shift)
        let sizes = sizes(classes)
        #expect(zip(sizes, sizes.dropFirst()).allSatisfy { $0 < $1 })
        #expect(sizes.allSatisfy { $0 % (1 << shift) == 0 })
        #expect(sizes.count <= 255)
        #expect(sizes.first == max(32, 1 << shift))
        #expect(sizes.last == page / 16 && classes.largestChunkBytes == page / 16)
    }

    @Test(arguments: shapes) func everyLengthFitsItsClassAndNoSmallerOne(page: Int, shift: Int) {
        let classes = SizeClasses(pageBytes: page, unitShift: shift)
        let sizes = sizes(classes)
        for bytes in 1...classes.largestChunkBytes {
            guard let found = classes.sizeClass(forBytes: bytes) else {
                Issue.record("no class for \(bytes) bytes")
                return
            }
            let number = Int(found.rawValue)
            guard sizes[number] >= bytes, number == 0 || sizes[number - 1] < bytes else {
                Issue.record("\(bytes) bytes in a chunk of \(sizes[number])")
                return
            }
        }
        #expect(classes.sizeClass(forBytes: classes.largestChunkBytes + 1) == nil)
        #expect(classes.sizeClass(forBytes: 1 << 40) == nil)
    }

    @Test(arguments: shapes) func littleIsLostToRounding(page: Int, shift: Int) {
        let unit = 1 << shift
        let classes = SizeClasses(pageBytes: page, unitShift: shift)
        let sizes = sizes(classes)
        for (smaller, larger) in zip(sizes, sizes.dropFirst()) {
            // A step of one unit, or of about 6% and the stretch to fill the page.
            #expect(larger - smaller <= max(unit, larger / 8))
        }
        for (number, size) in sizes.enumerated() {
            let perPage = classes.chunksPerPage(of: classes.sizeClass(at: number))
            #expect(perPage == page / size && perPage <= Int(UInt16.max))
            // Stretched: one unit more would mean a chunk less. Small ones keep their steps.
            if size > 16 * unit, number < sizes.count - 1 {
                #expect(page / (size + unit) < perPage)
            }
        }
    }

    @Test func configurationsGivePagesOfAPowerOfTwoAndChunksThat32BitsReach() {
        for limitShift in 20...43 {
            for shards in [nil, 1, 16, 1024] {
                let limit = 1 << limitShift
                var configuration = EngineConfiguration(memoryLimitBytes: limit, hashSeed: (1, 2))
                configuration.shards = shards
                configuration.threads = 8
                let page = configuration.pageBytes
                #expect(page & (page - 1) == 0 && (16 << 10...256 << 10).contains(page))
                let units = configuration.reservedBytes >> configuration.unitShift
                #expect(units < Int(UInt32.max) - (1 << 20) && configuration.reservedBytes >= limit)
                let count = configuration.resolvedShards
                #expect(count & (count - 1) == 0 && (1...1024).contains(count))
            }
        }
    }

    @Test func impossibleConfigurationsAreRefused() {
        func refusal(_ change: (inout EngineConfiguration) -> Void) -> Bool {
            var configuration = EngineConfiguration.testing(memoryLimitBytes: 4 << 20)
            change(&configuration)
            do throws(EngineError) {
                try configuration.validate()
                return false
            } catch {
                return true
            }
        }
        #expect(!refusal { _ in })
        #expect(refusal { $0.memoryLimitBytes = 1 << 20 - 1 })
        #expect(refusal { $0.maximumItemBytes = 1023 })
        #expect(refusal { $0.maximumItemBytes = 1 << 30 + 1 })
        #expect(refusal { $0.shards = 3 })
        #expect(refusal { $0.shards = 0 })
        #expect(refusal { $0.shards = 2048 })
        #expect(refusal { $0.maximumEntries = 0 })
        #expect(refusal { $0.cullFrequency = -1 })
    }
}
