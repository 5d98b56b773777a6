import Glibc

/// The view of one chunk's memory as an item, a piece or a free chunk. It owns nothing: whoever
/// holds the shard's lock (or a reference to a detached item) may use it.
@safe
struct Item {
    let base: UnsafeMutableRawPointer

    @inline(__always)
    init(base: UnsafeMutableRawPointer) { unsafe self.base = unsafe base }

    // SAFETY: every offset below is under ItemLayout.headerBytes or within the optional fields
    // that `bits` says are there, and a chunk is never smaller than what its item needs.

    @inline(__always)
    private func load<Value: BitwiseCopyable>(_ offset: Int, as type: Value.Type) -> Value {
        unsafe base.loadUnaligned(fromByteOffset: offset, as: type)
    }

    @inline(__always)
    private func store<Value: BitwiseCopyable>(_ value: Value, _ offset: Int) {
        unsafe base.storeBytes(of: value, toByteOffset: offset, as: Value.self)
    }

    // -- what every kind of chunk has --

    /// The next older item, the next piece, or the next free chunk.
    var next: ChunkIndex {
        @inline(__always) get {
            ChunkIndex(rawValue: load(ItemLayout.nextOffset, as: UInt32.self))
        }
        @inline(__always) nonmutating set { store(newValue.rawValue, ItemLayout.nextOffset) }
    }

    var prev: ChunkIndex {
        @inline(__always) get {
            ChunkIndex(rawValue: load(ItemLayout.prevOffset, as: UInt32.self))
        }
        @inline(__always) nonmutating set { store(newValue.rawValue, ItemLayout.prevOffset) }
    }

    private var lengthAndState: UInt32 {
        @inline(__always) get { load(ItemLayout.lengthOffset, as: UInt32.self) }
        @inline(__always) nonmutating set { store(newValue, ItemLayout.lengthOffset) }
    }

    var state: ChunkState {
        @inline(__always) get {
            switch lengthAndState >> ItemLayout.stateShift {
            case 0: .free
            case 1: .linked
            case 2: .piece
            default: .detached
            }
        }
        @inline(__always) nonmutating set {
            lengthAndState =
                (lengthAndState & ItemLayout.lengthMask)
                | (newValue.rawValue << ItemLayout.stateShift)
        }
    }

    /// Bytes of the value, or of the piece.
    var length: Int {
        @inline(__always) get { Int(lengthAndState & ItemLayout.lengthMask) }
        @inline(__always) nonmutating set {
            lengthAndState =
                (lengthAndState & ~ItemLayout.lengthMask)
                | (UInt32(truncatingIfNeeded: newValue) & ItemLayout.lengthMask)
        }
    }

    func setState(_ state: ChunkState, length: Int) {
        lengthAndState =
            (UInt32(truncatingIfNeeded: length) & ItemLayout.lengthMask)
            | (state.rawValue << ItemLayout.stateShift)
    }

    // -- a piece --

    var owner: ChunkIndex {
        get { ChunkIndex(rawValue: load(ItemLayout.ownerOffset, as: UInt32.self)) }
        nonmutating set { store(newValue.rawValue, ItemLayout.ownerOffset) }
    }

    var pieceBytes: UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(
            start: base + ItemLayout.pieceHeaderBytes, count: length)
    }

    // -- an item --

    var keyLength: Int {
        @inline(__always) get { Int(load(ItemLayout.keyLengthOffset, as: UInt8.self)) }
        nonmutating set {
            store(UInt8(truncatingIfNeeded: newValue), ItemLayout.keyLengthOffset)
        }
    }

    var bits: ItemBits {
        @inline(__always) get {
            ItemBits(rawValue: load(ItemLayout.bitsOffset, as: UInt8.self))
        }
        @inline(__always) nonmutating set { store(newValue.rawValue, ItemLayout.bitsOffset) }
    }

    /// The shard's number of the change that made this value; its CAS value is made of it.
    var sequence: UInt64 {
        @inline(__always) get {
            let high = UInt64(marksAndSequence & ItemLayout.sequenceHighMask)
            return high << 32 | UInt64(load(ItemLayout.sequenceLowOffset, as: UInt32.self))
        }
        @inline(__always) nonmutating set {
            marksAndSequence =
                (marksAndSequence & ~ItemLayout.sequenceHighMask)
                | UInt16(truncatingIfNeeded: newValue >> 32) & ItemLayout.sequenceHighMask
            store(UInt32(truncatingIfNeeded: newValue), ItemLayout.sequenceLowOffset)
        }
    }

    var marks: ItemMarks {
        @inline(__always) get {
            ItemMarks(
                rawValue: UInt8(truncatingIfNeeded: marksAndSequence >> ItemLayout.marksShift))
        }
        @inline(__always) nonmutating set {
            marksAndSequence =
                (marksAndSequence & ItemLayout.sequenceHighMask)
                | UInt16(newValue.rawValue) << ItemLayout.marksShift
        }
    }

    private var marksAndSequence: UInt16 {
        @inline(__always) get { load(ItemLayout.sequenceHighOffset, as: UInt16.self) }
        @inline(__always) nonmutating set { store(newValue, ItemLayout.sequenceHighOffset) }
    }

    var expiry: Expiry {
        @inline(__always) get { Expiry(second: load(ItemLayout.expiryOffset, as: UInt32.self)) }
        @inline(__always) nonmutating set { store(newValue.second, ItemLayout.expiryOffset) }
    }

    /// `Instant.tick` of the last access that moved the item to the front.
    var accessTick: UInt32 {
        @inline(__always) get { load(ItemLayout.accessOffset, as: UInt32.self) }
        @inline(__always) nonmutating set { store(newValue, ItemLayout.accessOffset) }
    }

    @inline(__always)
    var keyOffset: Int { ItemLayout.headerBytes + bits.optionalBytes }

    @inline(__always)
    var isChained: Bool { bits.contains(.chained) }

    /// Bytes of the item's own chunk: a chained value lies elsewhere.
    var headBytes: Int { keyOffset + keyLength + (isChained ? 0 : length) }

    // -- optional fields --

    var stamp: UInt64 {
        get { load(ItemLayout.headerBytes, as: UInt64.self) }
        nonmutating set { store(newValue, ItemLayout.headerBytes) }
    }

    private var chainOffset: Int {
        ItemLayout.headerBytes + bits.intersection(.stamped).optionalBytes
    }

    var firstPiece: ChunkIndex {
        get { ChunkIndex(rawValue: load(chainOffset, as: UInt32.self)) }
        nonmutating set { store(newValue.rawValue, chainOffset) }
    }

    /// How many hold this chained item: its writer, and connections that are sending it.
    var references: UInt32 {
        get { load(chainOffset + 4, as: UInt32.self) }
        nonmutating set { store(newValue, chainOffset + 4) }
    }

    var flags: UInt32 {
        @inline(__always) get {
            guard bits.contains(.flagged) else { return 0 }
            return load(
                ItemLayout.headerBytes + bits.intersection([.stamped, .chained]).optionalBytes,
                as: UInt32.self)
        }
    }

    func setOptional(flags: UInt32, explicitCAS: UInt64?) {
        let before = bits.intersection([.stamped, .chained]).optionalBytes
        if bits.contains(.flagged) { store(flags, ItemLayout.headerBytes + before) }
        if let explicitCAS { self.explicitCAS = explicitCAS }
    }

    /// The CAS value that a client chose; nil if the sequence serves. Only an item that was made
    /// with room for one can be given another.
    var explicitCAS: UInt64? {
        @inline(__always) get {
            guard bits.contains(.explicitCAS) else { return nil }
            return load(keyOffset - ItemLayout.casBytes, as: UInt64.self)
        }
        nonmutating set {
            guard bits.contains(.explicitCAS), let newValue else { return }
            store(newValue, keyOffset - ItemLayout.casBytes)
        }
    }

    // -- key and value --

    var keyBytes: UnsafeMutableRawBufferPointer {
        @inline(__always) get {
            unsafe UnsafeMutableRawBufferPointer(start: base + keyOffset, count: keyLength)
        }
    }

    /// The value of an item that is not chained.
    var inlineValue: UnsafeMutableRawBufferPointer {
        @inline(__always) get {
            unsafe UnsafeMutableRawBufferPointer(
                start: base + keyOffset + keyLength, count: length)
        }
    }

    @inline(__always)
    func hasKey(_ key: Span<UInt8>) -> Bool {
        guard keyLength == key.count else { return false }
        return unsafe key.withUnsafeBytes { bytes in
            // SAFETY: both are keyLength bytes long; a key has at least one byte.
            guard let start = bytes.baseAddress else { return false }
            return unsafe memcmp(base + keyOffset, start, bytes.count) == 0
        }
    }

    func writeKey(_ key: Span<UInt8>) {
        unsafe key.withUnsafeBytes { unsafe keyBytes.copyMemory(from: $0) }
    }
}
