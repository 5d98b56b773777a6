import Testing

@testable import CacheEngine

/// Pins what lies where: a change here is a change of the memory's format, and of the cost that
/// the documents state.
@Suite struct LayoutTests {
    @Test func theItemHeaderHas28Bytes() {
        #expect(ItemLayout.nextOffset == 0)
        #expect(ItemLayout.prevOffset == 4)
        #expect(ItemLayout.lengthOffset == 8)
        #expect(ItemLayout.keyLengthOffset == 12)
        #expect(ItemLayout.bitsOffset == 13)
        #expect(ItemLayout.sequenceHighOffset == 14)
        #expect(ItemLayout.sequenceLowOffset == 16)
        #expect(ItemLayout.expiryOffset == 20)
        #expect(ItemLayout.accessOffset == 24)
        #expect(ItemLayout.headerBytes == 28)
    }

    @Test func thePieceHeaderHas16BytesAndSharesTheFirst12WithTheItems() {
        #expect(ItemLayout.ownerOffset == ItemLayout.lengthOffset + 4)
        #expect(ItemLayout.pieceHeaderBytes == 16)
    }

    @Test func optionalFieldsCostOnlyWhatIsThere() {
        #expect(ItemBits([]).optionalBytes == 0)
        #expect(ItemBits.stamped.optionalBytes == 8)
        #expect(ItemBits.chained.optionalBytes == 8)
        #expect(ItemBits.flagged.optionalBytes == 4)
        #expect(ItemBits.explicitCAS.optionalBytes == 8)
        #expect(ItemBits.fetched.optionalBytes == 0)
        for bits in UInt8(0)..<32 {
            let set = ItemBits(rawValue: bits)
            let sum = (0..<5).reduce(0) { sum, bit in
                let one = ItemBits(rawValue: 1 << UInt8(bit))
                return sum + (set.contains(one) ? one.optionalBytes : 0)
            }
            #expect(set.optionalBytes == sum)
        }
    }

    @Test func lengthAndStateShare32Bits() {
        #expect(ItemLayout.lengthMask == 1 << 30 - 1)
        #expect(ItemLayout.stateShift == 30)
        let states: [ChunkState] = [.free, .linked, .piece, .detached]
        #expect(states.map(\.rawValue) == [0, 1, 2, 3])
        #expect(ItemLayout.sequenceMask == 1 << 45 - 1)
    }

    @Test func aBucketIsOneCacheLine() {
        #expect(BucketIndex.bucketBytes == 64)
        #expect(BucketIndex.slots == 12)
        // Tags, the link, and the indices of 32 bits.
        #expect(BucketIndex.slots + 4 + BucketIndex.slots * 4 == BucketIndex.bucketBytes)
    }

    /// Every field of every combination of optional fields: none overlaps another.
    @Test func fieldsDoNotOverlap() throws {
        let memory = try ChunkMemory(reservedBytes: 2 << 20, unitShift: 4, pageShift: 14)
        defer { memory.unreserve() }
        #expect(memory.commit(start: 0, bytes: 2 << 20))
        let item = memory[memory.chunk(in: PageNumber(rawValue: 0), byteOffset: 64)]
        let key = Array("a key".utf8)
        for bits in UInt8(0)..<32 {
            let set = ItemBits(rawValue: bits)
            write(item, set, key)
            check(item, set, key)
        }
    }

    private func write(_ item: Item, _ bits: ItemBits, _ key: [UInt8]) {
        item.bits = bits
        item.setState(.detached, length: 77)
        item.keyLength = key.count
        item.setOptional(flags: 0x1234_5678, explicitCAS: 0xfedc_ba98_7654_3210)
        if bits.contains(.stamped) { item.stamp = 0x1122_3344_5566_7788 }
        if bits.contains(.chained) {
            item.firstPiece = ChunkIndex(rawValue: 0xaabb_ccdd)
            item.references = 5
        }
        item.writeKey(key.span)
        item.next = ChunkIndex(rawValue: 1)
        item.prev = ChunkIndex(rawValue: 0xffff_fffe)
        item.marks = [.stale, .binaryKey]
        item.sequence = ItemLayout.sequenceMask - 3
        item.expiry = Expiry(second: 0x9999_8888)
        item.accessTick = 0x7777_6666
        item.state = .linked
    }

    private func check(_ item: Item, _ bits: ItemBits, _ key: [UInt8]) {
        #expect(item.bits == bits && item.state == .linked && item.length == 77)
        #expect(item.next.rawValue == 1 && item.prev.rawValue == 0xffff_fffe)
        #expect(item.sequence == ItemLayout.sequenceMask - 3)
        #expect(item.marks == [.stale, .binaryKey])
        #expect(item.expiry.second == 0x9999_8888 && item.accessTick == 0x7777_6666)
        #expect(item.flags == (bits.contains(.flagged) ? 0x1234_5678 : 0))
        #expect(item.explicitCAS == (bits.contains(.explicitCAS) ? 0xfedc_ba98_7654_3210 : nil))
        if bits.contains(.stamped) { #expect(item.stamp == 0x1122_3344_5566_7788) }
        if bits.contains(.chained) {
            #expect(item.firstPiece.rawValue == 0xaabb_ccdd && item.references == 5)
        }
        let hasKey = item.hasKey(key.span)
        #expect(hasKey)
        #expect(item.headBytes == 28 + bits.optionalBytes + 5 + (item.isChained ? 0 : 77))
    }
}
