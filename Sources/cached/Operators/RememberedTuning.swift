/// Numbers that tune what memcached does in the background and this engine does otherwise, or
/// needs no number for. They are kept for `stats settings`, and change nothing.
struct RememberedTuning: Sendable {
    var hotPercent: UInt32 = 0
    var warmPercent: UInt32 = 0
    var hotFactor = 0.0
    var warmFactor = 0.0
    var automoveRatio = 0.8
    var automoveFreeRatio = 0.01
    var automoveWindow: UInt32 = 10
    var crawlerSleepMicroseconds: UInt32 = 100
    var crawlerToCrawl: UInt32 = 0

    /// A number with so many decimals, as C's printf gives it. What 64 bits do not hold is cut.
    static func fixed(_ value: Double, decimals: Int) -> String {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let limit = 1e18
        let scaled = (min(max(value * scale, -limit), limit)).rounded(.toNearestOrEven)
        let digits = String(Int64(scaled.magnitude))
        let padded =
            String(repeating: "0", count: max(0, decimals + 1 - digits.utf8.count)) + digits
        let sign = scaled < 0 ? "-" : ""
        return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
    }
}
