import CacheEngine
import Glibc
import Synchronization

/// What `stats conns` tells of a connection, under memcached's names.
enum ConnectionPhase: Int, Sendable {
    case listening, waiting, reading, parsing, receivingValue, swallowing, writing, culling
    case loggingIn, watching

    var name: String {
        switch self {
        case .listening: "conn_listening"
        case .waiting: "conn_waiting"
        case .reading: "conn_read"
        case .parsing: "conn_parse_cmd"
        case .receivingValue: "conn_nread"
        case .swallowing: "conn_swallow"
        case .writing: "conn_mwrite"
        // It waits for work in the background: the cull that its new key has caused, or the check
        // of its password.
        case .culling, .loggingIn: "conn_io_queue"
        // Also for a dump, as in memcached.
        case .watching: "conn_watch"
        }
    }
}

/// The part of a connection that other threads may look at.
final class ConnectionRecord: Sendable {
    let descriptor: Int32
    /// Where the peer was when it came; known only if somebody watched.
    let peer: SocketAddress?
    private let phaseValue = Atomic<Int>(ConnectionPhase.waiting.rawValue)
    private let lastCommand: Atomic<UInt64>

    init(descriptor: Int32, peer: SocketAddress? = nil, at now: Instant) {
        self.descriptor = descriptor
        self.peer = peer
        lastCommand = Atomic(now.milliseconds)
    }

    var phase: ConnectionPhase {
        get { ConnectionPhase(rawValue: phaseValue.load(ordering: .relaxed)) ?? .waiting }
        set { phaseValue.store(newValue.rawValue, ordering: .relaxed) }
    }

    var lastCommandMs: UInt64 {
        get { lastCommand.load(ordering: .relaxed) }
        set { lastCommand.store(newValue, ordering: .relaxed) }
    }
}

/// Every open socket, by descriptor. Its lock is held while addresses are asked for, so that no
/// descriptor is closed and reused meanwhile.
final class ConnectionRegistry: Sendable {
    private let records = Locked<[Int32: ConnectionRecord]>([:])

    func add(_ record: ConnectionRecord) {
        records.withLock { $0[record.descriptor] = record }
    }

    /// To be called before the descriptor is closed.
    func remove(_ descriptor: Int32) {
        _ = records.withLock { $0.removeValue(forKey: descriptor) }
    }

    struct Line {
        let descriptor: Int32
        let name: String
        let value: String
    }

    /// The lines of `stats conns`. The lock is held for one connection at a time, so that others
    /// can come and go meanwhile.
    func describe(at now: Instant) -> [Line] {
        let descriptors = records.withLock { $0.keys.sorted() }
        return descriptors.flatMap { descriptor in
            records.withLock { records -> [Line] in
                guard let record = records[descriptor] else { return [] }
                return ConnectionRegistry.describe(record, at: now)
            }
        }
    }

    private static func describe(_ record: ConnectionRecord, at now: Instant) -> [Line] {
        let descriptor = record.descriptor
        let phase = record.phase
        let local = SocketAddress.local(of: descriptor).description
        var lines: [Line] = []
        func add(_ name: String, _ value: String) {
            lines.append(Line(descriptor: descriptor, name: name, value: value))
        }
        if phase == .listening {
            add("addr", local)
        } else {
            let peer = SocketAddress.peer(of: descriptor).description
            // A unix peer has no name of its own; memcached shows the socket's.
            add("addr", peer == "unix:" ? local : peer)
            add("listen_addr", local)
        }
        add("state", phase.name)
        let ageMs = now.milliseconds.subtractingOrZero(record.lastCommandMs)
        add("secs_since_last_cmd", String(ageMs / 1000))
        return lines
    }
}
