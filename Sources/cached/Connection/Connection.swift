import CacheEngine
import Protocol
import SystemCalls

/// One client: its socket, what it sent that is no whole request yet, and what it has not taken
/// yet of its replies. Both are empty, and cost nothing, while it is idle.
///
///     socket ─► read buffer ─► parse ─► engine ─► output ─► socket
///               (worker's)                        (worker's)
///                  │ rest                            │ rest
///                  ▼                                 ▼
///                input                            pending
///
/// An aspect a file: reading, executing, retrieving, storing, the rarer commands, sending; and what
/// is different in the binary protocol.
struct Connection: ~Copyable {
    var socket: Transport
    let record: ConnectionRecord
    /// The worker's slot and the number of its use, as epoll reports them.
    let token: UInt64

    /// Received, and not executed yet.
    var input = InputBuffer()
    /// How many bytes the request at the front of `input` has at least.
    var neededBytes = 1
    /// Replies that the socket had no room for.
    var pending: OutputQueue?
    var state = State.command
    /// Nothing more is read: it is closed when its replies are out.
    var isEnding = false
    /// A new key found the cache full by count: this request waits for the cull.
    var awaitsCull = false
    /// The cull had nothing to drop, so the waiting request may exceed the limit.
    var mayExceed = false
    /// The request at the front of `input` was begun before a cull that it had to wait for.
    var isRetrying = false
    /// It used up its turn with whole requests left in `input`.
    var hasYielded = false
    /// The worker has it on its list of those that go on without a word from epoll.
    var isQueued = false
    /// The worker has it on its list of those that watch.
    var isListedAsWatching = false
    /// The socket may have bytes: epoll said so, and no receive has emptied it since.
    var mayReceive = false
    /// A receive that brings less than it might has not emptied the socket: the end of the stream
    /// comes behind it, which is reported only once, or urgent data.
    var receivesToEnd = false
    /// Bytes charged to the engine's budget for this connection's buffers.
    var chargedBytes = 0
    var language = Language.unknown
    var login: ConnectionLogin
    /// What is told of its end.
    var closeReason = CloseReason.error

    enum State {
        case command
        /// Within the line of a get: the next bytes are more of its keys.
        case retrieving(withCAS: Bool, touch: Int32?)
        /// Within a get's line that is in error: the rest of it is dropped.
        case skippingLine
        /// Within a value that goes straight to the engine. What is known of it lies apart, so that
        /// connections without one are small.
        indirect case receiving(CacheEngine.LargeWriter, remaining: Int, StoreAnswer)
        /// Within a value that nobody wants; then this is answered.
        case swallowing(remaining: Int, reply: StaticString?)
        /// The same two of the binary protocol.
        indirect case receivingBinary(CacheEngine.LargeWriter, remaining: Int, BinaryTag)
        indirect case skippingBody(remaining: Int, BinaryRefusal)
        /// A dump is made as the client reads it; what it sends meanwhile waits.
        case dumping(Dump)
        /// It is sent what happens, and what it sends is dropped.
        case watching(Watcher)
    }

    /// The protocol that a connection speaks, known from its first byte on.
    enum Language { case unknown, text, binary }

    /// What is to become of a connection after it was served.
    enum Fate { case keep, close }

    init(
        socket: consuming Transport, record: ConnectionRecord, token: UInt64,
        login: ConnectionLogin
    ) {
        self.socket = socket
        self.record = record
        self.token = token
        self.login = login
    }

    /// True while no further request may be executed.
    var isBlocked: Bool {
        pending != nil || awaitsCull || isEnding || login.stage == .waiting
    }

    /// True if it has something to send without being asked again.
    var isStreaming: Bool {
        switch state {
        case .dumping, .watching: true
        default: false
        }
    }

    var isWatching: Bool {
        if case .watching = state { return true }
        return false
    }

    /// True if there is nothing of it in flight, so that it can be closed without a loss.
    var isQuiet: Bool {
        if isWatching { return true }
        guard input.isEmpty, pending == nil, !awaitsCull, !mayReceive, login.stage != .waiting
        else { return false }
        if case .command = state { return true }
        return false
    }

    var phase: ConnectionPhase {
        if pending != nil { return .writing }
        if awaitsCull { return .culling }
        if login.stage == .waiting { return .loggingIn }
        switch state {
        case .command: return .reading
        case .retrieving, .skippingLine: return .parsing
        case .receiving, .receivingBinary: return .receivingValue
        case .swallowing, .skippingBody: return .swallowing
        case .dumping, .watching: return .watching
        }
    }

    /// Gives back what the connection holds; then it may be dropped.
    mutating func end(_ context: inout WorkerContext) {
        switch state {
        case .receiving(let writer, _, _), .receivingBinary(let writer, _, _):
            context.engine.abandon(writer)
        case .dumping: context.server.crawler.end()
        case .watching(let watcher): context.server.watchers.remove(watcher)
        default: break
        }
        state = .command
        pending?.abandon(context.engine)
        pending = nil
        input.release()
        socket.end()
        settleCharge(context)
    }

    /// Charges the buffers' growth since the last call to the cache's memory limit.
    mutating func settleCharge(_ context: borrowing WorkerContext) {
        var bytes = input.capacity + (pending?.bytes.capacity ?? 0) + socket.memoryBytes
        if case .watching(let watcher) = state { bytes += watcher.limitBytes }
        if bytes != chargedBytes {
            context.engine.charge(bytes: bytes - chargedBytes)
            chargedBytes = bytes
        }
    }
}
