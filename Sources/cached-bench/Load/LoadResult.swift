/// What a run saw.
struct LoadResult: Sendable {
    /// Measured time, without the warm-up, in seconds.
    var seconds = 0.0
    /// Requests answered (a get of 100 keys is one).
    var requests = 0
    var gets = 0
    /// Keys that were asked for and found, and that were not there.
    var hits = 0
    var misses = 0
    var sets = 0
    /// Sets that were not answered with STORED.
    var setsNotStored = 0
    /// Answers that are errors of the protocol.
    var errors = 0
    /// Values that are not what was set, when they are verified.
    var wrongValues = 0
    var bytesSent = 0
    var bytesReceived = 0
    /// From the sending (open loop: the intended one) to the answer's last byte.
    var getLatency = Histogram()
    var setLatency = Histogram()
    /// Open loop: how much later than intended requests were sent that had a connection to go
    /// out on. This is the generator's own error.
    var sendDelay = Histogram()
    /// Open loop: requests that were due when every connection had `depth` under way.
    var requestsHeldUp = 0
    /// Open loop: requests that were due, and still not sent a second after the end.
    var requestsUnsent = 0
    var connectionsLost = 0
    /// Requests that were under way on a connection that was lost.
    var requestsLost = 0
    /// The first of each kind, as the operator should see it.
    var firstError: String?
    var firstWrongValue: String?
    var firstLoss: String?
    /// nil when the server's process is not known.
    var server: ServerUsage?
    /// The generator's own CPU time: whether it was the bottleneck.
    var generatorCPUSeconds = 0.0
    /// What the busiest thread of the generator worked, of the measured time.
    var busiestThreadShare = 0.0

    /// A thread that has no time left measures itself and not the server. An open loop is always
    /// busy when little time is left until a request is due: `sendDelay` tells there.
    var isGeneratorBound: Bool { busiestThreadShare > 0.95 && sendDelay.isEmpty }
    var requestsPerSecond: Double { seconds > 0 ? Double(requests) / seconds : 0 }
    /// Of the keys asked for; nil when there were none.
    var hitRatio: Double? { hits + misses > 0 ? Double(hits) / Double(hits + misses) : nil }
}

/// What the server's process used during the measured time.
struct ServerUsage: Sendable {
    /// In the kernel and outside of it.
    var cpuSeconds = 0.0
    /// Before the run made its connections.
    var residentBytesIdle = 0
    /// When counting began, and when it ended.
    var residentBytesBefore = 0
    var residentBytesAfter = 0
}
