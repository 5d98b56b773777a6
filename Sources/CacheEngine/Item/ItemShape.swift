/// What an item will hold, and with that how long its parts are.
struct ItemShape {
    var keyLength: Int
    var flags: UInt32
    /// A CAS value that the client chose; nil: the sequence is the CAS value.
    var explicitCAS: UInt64?
    var valueLength: Int
    var expiry: Expiry
    var marks: ItemMarks = []

    /// The header's bits, but for `chained`.
    func bits(common: ItemBits) -> ItemBits {
        var bits = common
        if flags != 0 { bits.insert(.flagged) }
        if explicitCAS != nil { bits.insert(.explicitCAS) }
        return bits
    }

    /// Bytes of the item's own chunk if the value is in it.
    func headBytes(_ bits: ItemBits) -> Int {
        ItemLayout.headerBytes + bits.optionalBytes + keyLength
            + (bits.contains(.chained) ? 0 : valueLength)
    }
}
