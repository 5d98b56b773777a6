import Glibc

/// The size of a key's value, as a function of the key alone: a value can be checked without
/// remembering what was set.
struct ValueSizer: Sendable {
    private enum Kind { case fixed, uniform, logUniform, list }

    private let kind: Kind
    private let lowest: Int
    private let highest: Int
    private let sizes: [Int]
    /// For each of `sizes`, where its share of 64 bits ends.
    private let ends: [UInt64]

    init(_ sizes: LoadPlan.ValueSizes) {
        var list: [Int] = []
        var ends: [UInt64] = []
        switch sizes {
        case .fixed(let size): (kind, lowest, highest) = (.fixed, size, size)
        case .uniform(let range):
            (kind, lowest, highest) = (.uniform, range.lowerBound, range.upperBound)
        case .logUniform(let range):
            (kind, lowest, highest) = (.logUniform, max(1, range.lowerBound), range.upperBound)
        case .list(let weighted):
            kind = .list
            let total = weighted.reduce(0.0) { $0 + Double($1.weight) }
            var sum = 0.0
            for entry in weighted {
                sum += Double(entry.weight)
                list.append(entry.bytes)
                ends.append(UInt64(min(sum / total, 1) * 0x1p53))
            }
            lowest = list.min() ?? 0
            highest = list.max() ?? 0
        }
        self.sizes = list
        self.ends = ends
    }

    /// The largest that there is, in bytes.
    var largest: Int { highest }

    /// In bytes.
    @inline(__always)
    func size(of key: UInt64) -> Int {
        kind == .fixed ? lowest : drawnSize(key)
    }

    private func drawnSize(_ key: UInt64) -> Int {
        let bits = RandomNumbers.mix(key ^ 0x243f_6a88_85a3_08d3)
        switch kind {
        case .fixed: return lowest
        case .uniform:
            // At most 2^32 sizes: far from overflowing.
            let span = UInt64(highest &- lowest) &+ 1
            return lowest &+ Int(bits.multipliedFullWidth(by: span).high)
        case .logUniform:
            let low = log(Double(lowest))
            let high = log(Double(highest) + 1)
            let size = exp(low + RandomNumbers.unit(bits) * (high - low))
            return min(highest, max(lowest, Int(size)))
        case .list:
            let place = bits >> 11
            for index in ends.indices where place < ends[index] { return sizes[index] }
            return sizes.last ?? 0
        }
    }
}
