extension LoadPlan {
    /// Refuses what would make no sense or trap later. The command line has better words for most
    /// of it; a plan may also be made by a program.
    func check() throws(BenchError) {
        try require(1...LoadLimits.threadsMax ~= threads, "threads")
        try require(1...LoadLimits.connectionsMax ~= connections, "connections")
        try require(1...LoadLimits.depthMax ~= depth, "depth")
        try require(1...LoadLimits.keysPerGetMax ~= keysPerGet, "keys per get")
        try require(1...LoadLimits.keySpaceMax ~= keySpace, "number of keys")
        try require(0...LoadLimits.ratioMax ~= gets, "gets")
        try require(0...LoadLimits.ratioMax ~= sets, "sets")
        try require(0...LoadLimits.secondsMax ~= warmUpSeconds, "warm-up")
        try require(0...Int(Int32.max) ~= ttlSeconds, "TTL")
        guard gets + sets > 0 else { throw BenchError("neither gets nor sets are asked for") }
        guard connections >= threads else {
            throw BenchError("\(threads) threads need at least as many connections")
        }
        guard depth * keysPerGet * connections <= LoadLimits.keysUnderWayMax else {
            throw BenchError(
                "connections, depth and keys per get make more than "
                    + "\(LoadLimits.keysUnderWayMax) keys under way")
        }
        if let seconds = end.afterSeconds {
            try require(0...LoadLimits.secondsMax ~= seconds, "seconds")
        }
        if let requests = end.afterRequests { try require(requests > 0, "requests") }
        if let rate = requestsPerSecond {
            try require(rate > 0 && rate <= LoadLimits.requestsPerSecondMax, "rate")
        }
        if source == .generated, end.afterSeconds == nil, end.afterRequests == nil {
            throw BenchError("the run has no end: neither seconds nor requests are set")
        }
        var digits = String(keySpace - 1).utf8.count
        // The keys of a trace are numbers of up to 64 bits.
        if case .trace = source { digits = 20 }
        let prefix = keyPrefix.utf8.count
        guard max(keyBytes, prefix + digits) <= LoadLimits.keyBytesMax else {
            throw BenchError("keys are longer than \(LoadLimits.keyBytesMax) bytes")
        }
        guard keyPrefix.utf8.allSatisfy({ $0 > 32 && $0 != 127 }) else {
            throw BenchError("the key prefix has a blank or a control character")
        }
        try checkDistribution()
        try checkSizes()
    }

    private func checkDistribution() throws(BenchError) {
        switch keyDistribution {
        case .uniform, .sequential: return
        case .zipf(let exponent): try require(exponent > 0 && exponent <= 10, "Zipf exponent")
        case .gaussian(let share): try require(share > 0 && share <= 10, "deviation")
        }
    }

    private func checkSizes() throws(BenchError) {
        let allowed = 0...LoadLimits.valueBytesMax
        switch valueSizes {
        case .fixed(let size): try require(allowed ~= size, "value size")
        case .uniform(let range), .logUniform(let range):
            try require(
                allowed ~= range.lowerBound && allowed ~= range.upperBound, "value size")
        case .list(let sizes):
            try require(!sizes.isEmpty, "list of value sizes")
            for size in sizes {
                try require(
                    allowed ~= size.bytes && 1...LoadLimits.ratioMax ~= size.weight,
                    "value size")
            }
        }
    }

    private func require(_ isRight: Bool, _ what: String) throws(BenchError) {
        guard isRight else { throw BenchError("the plan's \(what) is out of range") }
    }
}
