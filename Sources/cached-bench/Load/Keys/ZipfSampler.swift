import Glibc

/// Ranks from 0 whose frequency falls with a power of the rank: rank k has a share in proportion
/// to (k + 1) ^ -exponent.
///
/// Rejection inversion (Hörmann and Derflinger, "Rejection-inversion to generate variates from
/// monotone discrete distributions", ACM TOMACS 6(3), 1996): constant time and memory for any
/// number of ranks, and exact. Less than one draw in ten is rejected.
struct ZipfSampler: Sendable {
    private let count: Double
    private let exponent: Double
    private let integralOfFirst: Double
    private let integralOfLast: Double
    private let acceptedBelow: Double

    /// - Parameters:
    ///   - count: how many ranks, at least 1.
    ///   - exponent: above 0.
    init(count: UInt64, exponent: Double) {
        self.count = Double(count)
        self.exponent = exponent
        integralOfFirst = Self.integral(1.5, exponent) - 1
        integralOfLast = Self.integral(self.count + 0.5, exponent)
        acceptedBelow =
            2
            - Self.inverse(
                Self.integral(2.5, exponent) - Self.weight(2, exponent), exponent)
    }

    mutating func next(_ random: inout RandomNumbers) -> UInt64 {
        while true {
            let drawn =
                integralOfLast + random.nextUnit() * (integralOfFirst - integralOfLast)
            let x = Self.inverse(drawn, exponent)
            // Within 1 ... count, also where rounding or an overflow led x astray.
            let rank = x > 1 ? min((x + 0.5).rounded(.down), count) : 1
            if rank - x <= acceptedBelow
                || drawn >= Self.integral(rank + 0.5, exponent) - Self.weight(rank, exponent)
            {
                return UInt64(rank) &- 1
            }
        }
    }

    /// x ^ -exponent.
    private static func weight(_ x: Double, _ exponent: Double) -> Double {
        exp(-exponent * log(x))
    }

    /// The integral of `weight` from 1 to x; the helper is what makes it hold for exponent 1 too.
    private static func integral(_ x: Double, _ exponent: Double) -> Double {
        let logarithm = log(x)
        let scaled = (1 - exponent) * logarithm
        let helper =
            abs(scaled) > 1e-8 ? expm1(scaled) / scaled : 1 + scaled / 2 * (1 + scaled / 3)
        return helper * logarithm
    }

    private static func inverse(_ value: Double, _ exponent: Double) -> Double {
        // Rounding can lead slightly below -1, where there is no logarithm.
        let scaled = max(-1, value * (1 - exponent))
        let helper =
            abs(scaled) > 1e-8 ? log1p(scaled) / scaled : 1 - scaled * (0.5 - scaled / 3)
        return exp(helper * value)
    }
}
