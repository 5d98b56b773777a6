import Protocol

/// The nodes of a cluster, for clients that discover them as they do with ElastiCache: a version,
/// and `host|ip|port` for each.
final class ClusterConfiguration: Sendable {
    /// The key of old clients.
    static let key: StaticString = "AmazonElastiCache:cluster"

    /// The payload as clients get it; nil: there is none yet.
    private let payload: Locked<[UInt8]?>

    /// - Parameter nodes: may be empty, if they are to be told later.
    init(nodes: [ClusterNode]) {
        let text = "1\n" + nodes.map(\.description).joined(separator: " ") + "\n"
        payload = Locked(nodes.isEmpty ? nil : Array(text.utf8))
    }

    var current: [UInt8]? { payload.withLock { $0 } }

    /// Takes another configuration over: a version, a line end, and the nodes. False if it is
    /// malformed.
    func replace(with bytes: Span<UInt8>) -> Bool {
        guard bytes.count <= ServerLimits.clusterBytes else { return false }
        let text = String(decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        guard lines.count == 2, let version = UInt64(lines[0]),
            let nodes = try? ClusterNode.parseList(String(lines[1])), !nodes.isEmpty
        else { return false }
        let fresh = "\(version)\n" + nodes.map(\.description).joined(separator: " ") + "\n"
        payload.withLock { $0 = Array(fresh.utf8) }
        return true
    }
}

/// `config get` and `config set` of ElastiCache.
extension Connection {
    func getConfiguration(
        _ name: Span<UInt8>, _ context: inout WorkerContext
    ) -> StaticString? {
        guard let cluster = context.server.cluster else { return TextReply.error }
        guard name.isEqual(to: "cluster"), let payload = cluster.current else {
            return TextReply.end
        }
        context.output.bytes.append("CONFIG cluster 0 ")
        context.output.bytes.appendDecimal(UInt64(payload.count))
        context.reply(TextReply.lineEnd)
        context.output.bytes.append(payload.span)
        context.output.bytes.append("\r\nEND\r\n")
        return nil
    }

    /// `config set cluster`, whose body begins at `next`.
    mutating func setCluster(
        length: Int, noReply: Bool, _ bytes: Span<UInt8>, _ position: inout Int, next: Int,
        _ context: inout WorkerContext
    ) {
        guard let cluster = context.server.cluster else {
            // No such command, so no body either.
            context.reply(TextReply.error, unless: noReply)
            position = next
            return
        }
        let isAllowed = context.server.settings.clusterUpdatesAllowed
        guard isAllowed, length <= ServerLimits.clusterBytes else {
            let reply = isAllowed ? TextReply.clusterInvalid : TextReply.clusterNotAllowed
            state = .swallowing(remaining: length + 2, reply: noReply ? nil : reply)
            position = next
            return
        }
        let end = next + length + 2
        guard bytes.count >= end else {
            neededBytes = end - position
            return
        }
        position = end
        guard bytes[end - 2] == UInt8(ascii: "\r"), bytes[end - 1] == UInt8(ascii: "\n") else {
            context.reply(TextReply.badDataChunk, unless: noReply)
            return
        }
        guard cluster.replace(with: bytes.extracting(next..<end - 2)) else {
            context.reply(TextReply.clusterInvalid, unless: noReply)
            return
        }
        Log.info("connection \(socket.number) has set the nodes of the cluster")
        context.reply(TextReply.stored, unless: noReply)
    }

    /// A get has missed: if it was for the nodes of the cluster, they are its value.
    func answerDiscovery(
        _ key: Span<UInt8>, withCAS: Bool, _ context: inout WorkerContext
    ) {
        guard key.isEqual(to: ClusterConfiguration.key),
            let payload = context.server.cluster?.current
        else { return }
        context.output.bytes.appendValue(
            key: key, flags: 0, value: payload.span, cas: withCAS ? 0 : nil)
    }
}

extension Span where Element == UInt8 {
    fileprivate func isEqual(to text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for position in 0..<count where unsafe self[position] != text.utf8Start[position] {
            return false
        }
        return true
    }
}
