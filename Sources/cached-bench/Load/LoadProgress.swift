/// What a run says of itself once a second while it goes on.
struct LoadProgress: Sendable {
    /// Since the first request, in seconds.
    var seconds = 0.0
    /// What is answered now is not counted in the result.
    var isWarmingUp = false
    /// Answered in all since counting began.
    var requests = 0
    var errors = 0
    var wrongValues = 0
    /// Of the time since the last report.
    var requestsPerSecond = 0.0
    /// Gets and sets of the time since the last report.
    var latency = Histogram()
    /// Of the keys asked for since the last report; nil when there were none.
    var hitRatio: Double?
}
