import Glibc

/// The parsing that cannot be left out, and no more. What is not understood ends the connection.
extension FloorWorker {
    enum Executed: Equatable {
        /// So many bytes of the input; the rest is the beginning of a request, or has to wait
        /// until the connection is not blocked any more.
        case used(Int)
        case close
    }

    /// One step of a request: how far the input is read now, or why it does not go on.
    enum Step {
        case next(Int)
        /// More input is needed; what is from here on stays.
        case wait(Int)
        case close
    }

    mutating func execute(
        _ descriptor: Int32, _ connection: inout FloorConnection, _ count: Int
    ) -> Executed {
        var position = 0
        while position < count {
            guard hasRoom(descriptor, &connection, FloorWorker.replyBytesMax) else {
                return connection.isBlocked ? .used(position) : .close
            }
            let step: Step
            switch connection.stage {
            case .command: step = executeCommand(descriptor, &connection, position, count)
            case .keys: step = answerKeys(descriptor, &connection, position, count)
            case .data: step = .next(skipData(&connection, position, count))
            }
            switch step {
            case .next(let reached): position = reached
            case .wait(let reached): return .used(reached)
            case .close: return .close
            }
        }
        return .used(position)
    }

    // -- replies --

    /// Makes room in the output. False: the connection is blocked, or broken.
    mutating func hasRoom(
        _ descriptor: Int32, _ connection: inout FloorConnection, _ bytes: Int
    ) -> Bool {
        if FloorWorker.outputBytes - outputCount >= bytes { return true }
        return send(descriptor, &connection) == .done
    }

    /// The caller has made room for it.
    mutating func append(_ text: StaticString) {
        unsafe (output + outputCount).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        outputCount += text.utf8CodeUnitCount
    }

    mutating func append(_ start: UnsafePointer<UInt8>, _ count: Int) {
        unsafe (output + outputCount).update(from: start, count: count)
        outputCount += count
    }

    mutating func appendText(_ text: String) {
        for byte in text.utf8 {
            unsafe output[outputCount] = byte
            outputCount += 1
        }
    }

    // -- get --

    /// Keys need no line that is there whole, so a get may be as long as it likes.
    private mutating func answerKeys(
        _ descriptor: Int32, _ connection: inout FloorConnection, _ start: Int, _ end: Int
    ) -> Step {
        var position = start
        let room = FloorWorker.replyBytesMax + (value.isCopied ? value.valueBytes : 0)
        while true {
            while position < end, unsafe input[position] == UInt8(ascii: " ") { position += 1 }
            let key = position
            while position < end, unsafe input[position] > UInt8(ascii: " ") { position += 1 }
            guard position - key <= FloorWorker.keyBytesMax else { return .close }
            guard position < end else { return .wait(key) }
            if position > key {
                guard hasRoom(descriptor, &connection, room) else {
                    return connection.isBlocked ? .wait(key) : .close
                }
                append("VALUE ")
                unsafe append(input + key, position - key)
                unsafe append(value.start, value.leadBytes)
                guard appendValue(descriptor, &connection, value.textTail) else {
                    return connection.isBlocked ? .wait(position) : .close
                }
            }
            let byte = unsafe input[position]
            if byte == UInt8(ascii: " ") { continue }
            if byte == UInt8(ascii: "\r"), position + 1 == end { return .wait(position) }
            if byte == UInt8(ascii: "\r") { position += 1 }
            guard unsafe input[position] == UInt8(ascii: "\n") else { return .close }
            append("END\r\n")
            connection.stage = .command
            return .next(position + 1)
        }
    }

    /// The value, and its line end if the tail has one. False: the connection is blocked, or broken.
    mutating func appendValue(
        _ descriptor: Int32, _ connection: inout FloorConnection, _ tail: Range<Int>
    ) -> Bool {
        if value.isCopied {
            unsafe append(value.start + tail.lowerBound, tail.count)
            return true
        }
        return send(descriptor, &connection, tail: tail) == .done
    }

    // -- the others --

    private mutating func executeCommand(
        _ descriptor: Int32, _ connection: inout FloorConnection, _ start: Int, _ end: Int
    ) -> Step {
        if unsafe input[start] == BinaryWire.requestMagic {
            return executeBinary(descriptor, &connection, start, end)
        }
        // The shortest commands are "mn" and their line ends.
        guard end - start >= 4 else {
            let isLine = unsafe memchr(input + start, 10, end - start) != nil
            return isLine ? .close : .wait(start)
        }
        // SAFETY: four bytes are there.
        let word = unsafe UnsafeRawPointer(input + start).loadUnaligned(as: UInt32.self)
        if word == Opening.get {
            connection.stage = .keys
            return .next(start + 4)
        }
        guard let newline = unsafe memchr(input + start, 10, end - start) else {
            return end - start > FloorWorker.lineBytesMax ? .close : .wait(start)
        }
        let lineEnd = unsafe newline - UnsafeMutableRawPointer(input)
        guard lineEnd - start <= FloorWorker.lineBytesMax else { return .close }
        switch word {
        case Opening.set:
            var words = unsafe FloorWords(input, start + 4, lineEnd)
            return beginSet(&connection, &words, next: lineEnd + 1)
        case Opening.version: append("VERSION 0 (floor)\r\n")
        case Opening.flush: append("OK\r\n")
        case Opening.stats: appendStatistics()
        default:
            var words = unsafe FloorWords(input, start + 3, lineEnd)
            switch word & 0xFF_FFFF {
            case Opening.metaGet:
                return answerMetaGet(
                    descriptor, &connection, &words, from: start, next: lineEnd + 1)
            case Opening.metaSet: return beginMetaSet(&connection, &words, next: lineEnd + 1)
            case Opening.metaNoOp: append("MN\r\n")
            default: return .close
            }
        }
        return .next(lineEnd + 1)
    }
}
