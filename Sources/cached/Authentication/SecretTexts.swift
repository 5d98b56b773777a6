/// A list of texts that are compared without telling, by the time it takes, how far they agree
/// with what is asked for.
///
///     row 0   ┌ text ──────┬ zeros ────────────┐  `width` bytes a row
///     row 1   ├ text ──────────────┬ zeros ────┤
///     row 2   └ zeros ─────────────────────────┘  an empty row equals nothing
struct SecretTexts: Sendable {
    /// No text is longer.
    let width: Int
    private var bytes: [UInt8] = []
    /// -1 for a row that equals nothing.
    private var lengths: [Int] = []

    init(width: Int) { self.width = width }

    var count: Int { lengths.count }

    /// - Parameter text: at most `width` bytes; nil for a row that equals nothing.
    mutating func append(_ text: [UInt8]?) {
        let shown = text ?? []
        precondition(shown.count <= width)
        bytes += shown
        bytes += [UInt8](repeating: 0, count: width - shown.count)
        lengths.append(text?.count ?? -1)
    }

    /// 1 if the row is this text, otherwise 0. The time depends on the length of `text` alone.
    func equals(_ row: Int, _ text: Span<UInt8>) -> Int {
        precondition(text.count <= width && row >= 0 && row < count)
        let start = row * width
        var difference = UInt64(bitPattern: Int64(lengths[row] ^ text.count))
        for offset in 0..<text.count {
            difference |= UInt64(bytes[start + offset] ^ text[offset])
        }
        return SecretTexts.isZero(difference)
    }

    /// 1 for 0, and 0 for anything else, without a branch.
    private static func isZero(_ value: UInt64) -> Int {
        Int(truncatingIfNeeded: ((value | (0 &- value)) >> 63) ^ 1)
    }
}
