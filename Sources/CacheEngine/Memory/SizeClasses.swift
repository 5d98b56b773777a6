/// The sizes that chunks come in: steps of one unit while small, of about 6% above, each stretched
/// to the largest size of which a page still holds as many, so that no page has an unused end.
///
///     units of 16, pages of 64 KiB:  32 48 64 … 256 272 304 … 3,640 3,840 4,096
///
/// The largest is a sixteenth of a page. What is larger is a chain of chunks (see `ItemLayout`).
struct SizeClasses: Sendable {
    let pageBytes: Int
    private let unitShift: Int
    /// By class: bytes of a chunk.
    private let chunkBytes: [Int]
    /// By length in units: the smallest class that holds it.
    private let classOfUnits: [UInt8]

    init(pageBytes: Int, unitShift: Int) {
        let unit = 1 << unitShift
        let largest = (pageBytes / 16) & ~(unit - 1)
        var sizes: [Int] = []
        var size = max(32, unit)
        while size < largest {
            let stretched = (pageBytes / (pageBytes / size)) & ~(unit - 1)
            // Small sizes keep steps of one unit; stretching would skip some of them.
            let kept = size <= 16 * unit ? size : min(stretched, largest)
            sizes.append(kept)
            size = max(kept + unit, (kept + kept / 16) & ~(unit - 1))
        }
        if sizes.last != largest { sizes.append(largest) }
        var table: [UInt8] = []
        var smallest = 0
        for units in 0...(largest >> unitShift) {
            while sizes[smallest] < units << unitShift { smallest += 1 }
            table.append(UInt8(smallest))
        }
        self.pageBytes = pageBytes
        self.unitShift = unitShift
        chunkBytes = sizes
        classOfUnits = table
    }

    var count: Int { chunkBytes.count }
    var largestChunkBytes: Int { chunkBytes[chunkBytes.count - 1] }

    @inline(__always)
    func chunkBytes(of sizeClass: SizeClass) -> Int { chunkBytes[Int(sizeClass.rawValue)] }

    @inline(__always)
    func chunksPerPage(of sizeClass: SizeClass) -> Int { pageBytes / chunkBytes(of: sizeClass) }

    /// The smallest class whose chunks hold `bytes`; nil if a chain is needed.
    @inline(__always)
    func sizeClass(forBytes bytes: Int) -> SizeClass? {
        let units = (bytes + (1 << unitShift) - 1) >> unitShift
        guard units < classOfUnits.count else { return nil }
        return SizeClass(rawValue: classOfUnits[units])
    }

    func sizeClass(at position: Int) -> SizeClass { SizeClass(rawValue: UInt8(position)) }
}
