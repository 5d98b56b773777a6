import CacheEngine
import Protocol
import SystemCalls

/// Bytes from the socket to requests.
extension Connection {
    /// Serves a connection that is ready to be read, or whose input can go on.
    /// - Parameter readBuffer: the worker's; what is left in it afterwards moves to `input`.
    mutating func serve(
        isReadable: Bool, readBuffer: inout InputBuffer, _ context: inout WorkerContext
    ) -> Fate {
        if hasYielded || !input.isEmpty && input.count >= neededBytes {
            hasYielded = false
            executeInput(&context)
            guard flush(&context) else { return .close }
        }
        if isReadable, !isBlocked, !hasYielded {
            guard read(&readBuffer, &context), flush(&context) else { return .close }
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
        let held = input.count
        let received = readBuffer.receive(from: socket, atMost: context.readBytes)
        guard case .bytes(let count) = received else { return noBytes(received) }
        context.counters.bytesRead &+= UInt64(count)
        if held > 0 { input.removeAll() }
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
        let received = input.receive(from: socket)
        guard case .bytes(let count) = received else { return noBytes(received) }
        context.counters.bytesRead &+= UInt64(count)
        noteActivity(context)
        if input.count >= neededBytes { executeInput(&context) }
        return true
    }

    private mutating func noBytes(_ received: FileDescriptor.Received) -> Bool {
        switch received {
        case .bytes, .wouldBlock: return true
        case .endOfStream:
            // The peer sends no more, but may still read: the replies go out first.
            isEnding = true
            return true
        case .failed(let error):
            Log.info("connection \(socket.number): receiving failed: \(error)")
            return false
        }
    }

    private mutating func noteActivity(_ context: borrowing WorkerContext) {
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
