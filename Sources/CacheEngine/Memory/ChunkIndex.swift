/// The place of a chunk in the engine's memory, in units of `ChunkMemory.unitBytes`; 0 is none.
@usableFromInline
struct ChunkIndex: Equatable, Sendable {
    @usableFromInline let rawValue: UInt32

    @inline(__always)
    init(rawValue: UInt32) { self.rawValue = rawValue }

    static let none = ChunkIndex(rawValue: 0)

    @inline(__always)
    var isNone: Bool { rawValue == 0 }
}

/// The number of a page in the region, from 0.
struct PageNumber: Equatable, Sendable {
    let rawValue: UInt32

    @inline(__always)
    init(rawValue: UInt32) { self.rawValue = rawValue }

    static let none = PageNumber(rawValue: .max)

    @inline(__always)
    var isNone: Bool { rawValue == .max }
}

/// The number of a size class in `SizeClasses`, from 0.
struct SizeClass: Equatable, Sendable {
    let rawValue: UInt8

    @inline(__always)
    init(rawValue: UInt8) { self.rawValue = rawValue }
}
