import CacheEngine
import Protocol

/// Replies to the socket.
extension Connection {
    /// Sends what was replied so far; what the socket does not take is kept, and the connection
    /// is blocked until it is out. False if the connection is broken.
    mutating func flush(_ context: inout WorkerContext) -> Bool {
        guard !context.output.isEmpty else { return true }
        // Counted before the client can see the reply.
        context.publishCounters()
        switch context.output.send(
            to: &socket, context.engine, written: &context.counters.bytesWritten)
        {
        case .complete:
            context.output.shrink(to: ServerLimits.workerOutputBytes)
            return true
        case .blocked:
            pending = context.output.takeRest()
            return true
        case .failed(let error):
            Log.info("connection \(socket.number): sending failed: \(socket.describe(error))")
            context.output.abandon(context.engine)
            return false
        }
    }

    /// Goes on sending when the socket has room again. False if the connection is broken.
    mutating func sendPending(_ context: inout WorkerContext) -> Bool {
        guard var queue = pending.take() else { return true }
        switch queue.send(to: &socket, context.engine, written: &context.counters.bytesWritten) {
        case .complete:
            settleCharge(context)
            noteActivity(context)
            return true
        case .blocked:
            pending = consume queue
            return true
        case .failed(let error):
            Log.info("connection \(socket.number): sending failed: \(socket.describe(error))")
            queue.abandon(context.engine)
            return false
        }
    }

    /// Sends early when the replies have become long. True if the connection is blocked now.
    mutating func flushIfLong(_ context: inout WorkerContext) -> Bool {
        guard context.output.count >= context.replyBytes else { return false }
        if !flush(&context) { isEnding = true }
        return isBlocked
    }
}

extension WorkerContext {
    /// Shows the counters to the other threads.
    mutating func publishCounters() {
        shared.counters.withLock { $0 = counters }
    }
}
