import CacheEngine
import Protocol
import SystemCalls

/// Bytes from the socket to requests.
extension Connection {
    /// Whether all there is to do is to receive a request, so that it can be done ahead.
    var isFresh: Bool {
        guard mayReceive, input.isEmpty, !hasYielded, !isBlocked else { return false }
        if case .command = state { return true }
        return false
    }

    /// Receives into an empty buffer, for ``serve(readBuffer:received:_:)``.
    mutating func receiveAhead(
        into readBuffer: inout InputBuffer, _ context: borrowing WorkerContext
    ) -> FileDescriptor.Received {
        readBuffer.removeAll()
        return receive(into: &readBuffer, atMost: receiveLimit(context))
    }

    /// Executes what was received, and receives once if there may be more.
    /// - Parameters:
    ///   - readBuffer: the worker's; what is left in it afterwards moves to `input`.
    ///   - received: what `receiveAhead` brought to it; nil if nothing was received ahead.
    mutating func serve(
        readBuffer: inout InputBuffer, received: FileDescriptor.Received?,
        _ context: inout WorkerContext
    ) -> Fate {
        if let received {
            guard executeReceived(received, &readBuffer, &context), flush(&context) else {
                return .close
            }
        } else {
            if hasYielded || isStreaming || !input.isEmpty && input.count >= neededBytes {
                hasYielded = false
                noteActivity(context)
                executeInput(&context)
                guard flush(&context) else { return .close }
            }
            if mayReceive, !isBlocked, !hasYielded {
                guard read(&readBuffer, &context), flush(&context) else { return .close }
            }
        }
        settleCharge(context)
        return isEnding && pending == nil ? .close : .keep
    }

    /// Reads once and executes what came. False if the connection is broken.
    private mutating func read(
        _ readBuffer: inout InputBuffer, _ context: inout WorkerContext
    ) -> Bool {
        guard input.count <= ServerLimits.copiedRequestBytes else {
            return readLarge(&context)
        }
        readBuffer.assign(input.bytes)
        let received = receive(into: &readBuffer, atMost: receiveLimit(context))
        if case .bytes = received { input.removeAll() }
        return executeReceived(received, &readBuffer, &context)
    }

    /// Executes what is in the read buffer. False if the connection is broken.
    private mutating func executeReceived(
        _ received: FileDescriptor.Received, _ readBuffer: inout InputBuffer,
        _ context: inout WorkerContext
    ) -> Bool {
        guard case .bytes(let count) = received else { return noBytes(received) }
        context.counters.bytesRead &+= UInt64(count)
        noteActivity(context)
        let consumed = execute(readBuffer.bytes, &context)
        let rest = readBuffer.bytes.extracting(consumed..<readBuffer.count)
        if rest.isEmpty {
            if input.capacity > 0 { input.release() }
        } else {
            input.reserve(max(rest.count, 256))
            input.assign(rest)
        }
        return true
    }

    /// The same for a request that is larger than what is copied: it grows in `input`.
    private mutating func readLarge(_ context: inout WorkerContext) -> Bool {
        // The length of a line is not known; of a value it is.
        input.reserve(max(neededBytes, input.count * 2))
        var taken = InputBuffer()
        swap(&taken, &input)
        let received = receive(into: &taken, atMost: .max)
        swap(&taken, &input)
        guard case .bytes(let count) = received else { return noBytes(received) }
        context.counters.bytesRead &+= UInt64(count)
        noteActivity(context)
        if input.count >= neededBytes { executeInput(&context) }
        return true
    }

    /// Receives behind what the buffer holds, and notes whether there may be more.
    private mutating func receive(
        into buffer: inout InputBuffer, atMost limit: Int
    ) -> FileDescriptor.Received {
        let room = min(buffer.room, limit)
        let received = buffer.receive(from: &socket, atMost: limit)
        switch received {
        // Less than there was room for: the socket is empty now.
        case .bytes(let count):
            mayReceive = socket.mayHoldMore(after: count, room: room) || receivesToEnd
        case .wouldBlock, .endOfStream, .failed: mayReceive = false
        }
        return received
    }

    private mutating func noBytes(_ received: FileDescriptor.Received) -> Bool {
        switch received {
        case .bytes, .wouldBlock: return true
        case .endOfStream:
            // The peer sends no more, but may still read: the replies go out first.
            isEnding = true
            closeReason = .normal
            return true
        case .failed(let error):
            Log.info("connection \(socket.number): receiving failed: \(socket.describe(error))")
            return false
        }
    }

    /// It is not idle: it has sent, has requests that had to wait, or has read its replies.
    func noteActivity(_ context: borrowing WorkerContext) {
        record.lastCommandMs = context.now.milliseconds
    }

    /// Executes what is in `input`, which is moved out of the way meanwhile.
    private mutating func executeInput(_ context: inout WorkerContext) {
        var taken = InputBuffer()
        swap(&taken, &input)
        let consumed = execute(taken.bytes, &context)
        taken.consume(consumed)
        swap(&taken, &input)
        if input.isEmpty { input.release() }
    }
}
