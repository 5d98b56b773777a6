import Glibc
import Protocol

/// Why a connection was closed, by memcached's names.
enum CloseReason {
    case error, normal, idleTimeout, shutdown

    var name: StaticString {
        switch self {
        case .error: "error"
        case .normal: "normal"
        case .idleTimeout: "idle_timeout"
        case .shutdown: "shutdown"
        }
    }
}

extension Watchers {
    /// A connection was accepted.
    func tellOpened(_ record: ConnectionRecord) {
        tell(.connectionEvents) { line in
            line.append(" type=conn_new")
            line.appendPeer(of: record)
            line.append(" cfd=")
            line.appendSigned(Int64(record.descriptor))
        }
    }

    /// A connection is about to be closed.
    func tellClosed(_ record: ConnectionRecord, _ reason: CloseReason) {
        tell(.connectionEvents) { line in
            line.append(" type=conn_close")
            line.appendPeer(of: record)
            line.append(" reason=")
            line.append(reason.name)
            line.append(" cfd=")
            line.appendSigned(Int64(record.descriptor))
        }
    }
}

extension ByteBuffer {
    /// ` rip=<address> rport=<port> transport=<kind>`. Of a peer that has reset the connection the
    /// system does not know the address any more.
    fileprivate mutating func appendPeer(of record: ConnectionRecord) {
        let peer = record.peer ?? SocketAddress.peer(of: record.descriptor)
        append(" rip=")
        append(peer.host)
        append(" rport=")
        appendDecimal(UInt64(clamping: peer.port))
        append(peer.isLocal ? " transport=local" : " transport=tcp")
    }
}
