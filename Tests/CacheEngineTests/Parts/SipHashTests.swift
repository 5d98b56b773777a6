import Testing

@testable import CacheEngine

@Suite struct SipHashTests {
    private let hasher = SipHash(k0: 0x0706_0504_0302_0100, k1: 0x0f0e_0d0c_0b0a_0908)

    @Test(arguments: sipHashVectors.indices)
    func equalsAnIndependentImplementation(vector: Int) {
        let (length, hash) = sipHashVectors[vector]
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        #expect(hasher.hash(bytes.span).rawValue == hash)
    }

    @Test func aDifferentKeyGivesOtherHashes() {
        let other = SipHash(k0: 0x0706_0504_0302_0100, k1: 0x0f0e_0d0c_0b0a_0909)
        for length in 0...40 {
            let bytes = (0..<length).map { UInt8($0) }
            #expect(hasher.hash(bytes.span) != other.hash(bytes.span))
        }
    }

    @Test func anUnalignedKeyHashesLikeAnAlignedOne() {
        let bytes = Noise.value(64, variant: 3)
        for start in 0..<16 {
            let part = Array(bytes[start..<start + 37])
            #expect(
                hasher.hash(bytes.span.extracting(start..<start + 37)) == hasher.hash(part.span))
        }
    }

    /// 0 is an empty slot, and a tag of 1 next to it would look like a match.
    @Test func noTagIsZeroOrOne() {
        for bits in UInt64(0)...255 {
            #expect(KeyHash(rawValue: bits << 40).tag >= 2)
            #expect(KeyHash(rawValue: bits << 40 | 0xff00_00ff_ffff_ffff).tag >= 2)
        }
    }
}
