import Glibc

/// Draws key numbers from `0 ..< keySpace`.
struct KeyChooser: Sendable {
    private enum Kind { case uniform, zipf, gaussian, sequential }

    private let kind: Kind
    private let keySpace: UInt64
    private var random: RandomNumbers
    private var zipf: ZipfSampler
    private let scramble: Scramble
    private let deviation: Double
    /// Sequential keys: this thread's next one, and how many threads share the sequence.
    private var position: UInt64
    private let stride: UInt64

    /// - Parameters:
    ///   - keySpace: at least 1.
    ///   - thread: the threads of a run draw independently; sequential keys are dealt to them.
    init(
        _ distribution: LoadPlan.KeyDistribution, keySpace: Int, seed: UInt64,
        thread: Int = 0, threads: Int = 1
    ) {
        let count = UInt64(max(1, keySpace))
        self.keySpace = count
        random = RandomNumbers(seed: seed, stream: thread)
        scramble = Scramble(count: count)
        position = UInt64(thread)
        stride = UInt64(max(1, threads))
        var exponent = 1.0
        var share = 0.0
        switch distribution {
        case .uniform: kind = .uniform
        case .zipf(let value):
            kind = .zipf
            exponent = value
        case .gaussian(let value):
            kind = .gaussian
            share = value
        case .sequential: kind = .sequential
        }
        zipf = ZipfSampler(count: count, exponent: exponent)
        deviation = share * Double(count)
    }

    mutating func next() -> UInt64 {
        switch kind {
        case .uniform: return random.next(below: keySpace)
        case .zipf: return scramble(zipf.next(&random))
        case .gaussian: return nextGaussian()
        case .sequential:
            let key = position % keySpace
            position &+= stride
            return key
        }
    }

    /// Marsaglia's polar method. What falls outside of the key space counts as its edge.
    private mutating func nextGaussian() -> UInt64 {
        while true {
            let x = random.nextUnit() * 2 - 1
            let y = random.nextUnit() * 2 - 1
            let square = x * x + y * y
            guard square > 0, square < 1 else { continue }
            let normal = x * (-2 * log(square) / square).squareRoot()
            let place = Double(keySpace) / 2 + normal * deviation
            let last = keySpace - 1
            // The comparison comes before the conversion, which would trap outside of 64 bits.
            guard place > 0 else { return 0 }
            return place < Double(last) ? UInt64(place) : last
        }
    }
}
