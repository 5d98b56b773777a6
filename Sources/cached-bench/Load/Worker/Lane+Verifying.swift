extension Lane {
    /// Finds which key of the first request a value belongs to. Servers answer in the order of the
    /// keys, so it is the next one, or one a little further on.
    mutating func match(
        _ text: Range<Int>, flags: UInt32, bytes: Int, _ request: PendingRequest,
        _ connection: inout LoadConnection
    ) {
        let count = Int(request.keyCount)
        let number = keys.number(ofText: input.bytes.extracting(text))
        var place = connection.keyPlace
        var isFound = false
        for _ in 0..<count where !isFound {
            if place >= count { place = 0 }
            isFound =
                !connection.underWay.isFound(place)
                && keys.number(of: connection.underWay.key(place)) == number
            if !isFound { place += 1 }
        }
        if isFound {
            connection.underWay.setFound(place)
            connection.keyPlace = place + 1
        }
        beginValue(of: isFound ? place : nil, text, flags: flags, bytes: bytes, &connection)
    }

    /// Looks at a value before its bytes come.
    ///
    /// - Parameter place: its key's place in the first request; nil if its key was not asked for.
    mutating func beginValue(
        of place: Int?, _ text: Range<Int>, flags: UInt32, bytes: Int,
        _ connection: inout LoadConnection
    ) {
        connection.bodyBytes = bytes
        connection.isBodyWrong = false
        guard let place else {
            connection.bodyKey = 0
            noteWrong(text, "is not a key that was asked for", &connection)
            return
        }
        let key = connection.underWay.key(place)
        let number = keys.number(of: key)
        connection.bodyKey = number
        guard verifies else { return }
        if flags != (setsFlags ? ValuePattern.flags(of: number) : 0) {
            noteWrong(text, "has wrong flags", &connection)
        } else if keys.hasOneSizePerKey, bytes != keys.valueBytes(of: key) {
            noteWrong(
                text, "has a value of \(bytes) bytes, not of the length that was set",
                &connection)
        }
    }

    /// Part of the value that `beginValue` was told of.
    mutating func verify(
        _ part: Range<Int>, at offset: Int, _ connection: inout LoadConnection
    ) {
        guard verifies, !connection.isBodyWrong else { return }
        let isRight = pattern.matches(
            input.bytes.extracting(part), at: offset, key: connection.bodyKey,
            count: connection.bodyBytes)
        guard !isRight else { return }
        connection.isBodyWrong = true
        if result.firstWrongValue == nil {
            result.firstWrongValue =
                "the value of key number \(connection.bodyKey) is not "
                + "what was set, in its bytes \(offset) to \(offset + part.count - 1)"
        }
    }

    private mutating func noteWrong(
        _ key: Range<Int>, _ what: String, _ connection: inout LoadConnection
    ) {
        connection.isBodyWrong = true
        // Counted when the value is over; without --verify nothing looks at values.
        guard verifies, result.firstWrongValue == nil else { return }
        result.firstWrongValue = "\(text(key)) \(what)"
    }
}
