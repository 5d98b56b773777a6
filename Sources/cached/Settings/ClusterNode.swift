/// A node of a cluster as auto-discovery tells it: a name, an address that may be missing, a port.
struct ClusterNode: Equatable, Sendable, CustomStringConvertible {
    let host: String
    /// The address that `host` has; empty: clients are to ask for it.
    let address: String
    /// 1 to 65535.
    let port: Int

    var description: String { "\(host)|\(address)|\(port)" }

    /// Nodes with spaces or commas between them.
    static func parseList(_ text: String) throws(InvalidValue) -> [ClusterNode] {
        var nodes: [ClusterNode] = []
        let words = text.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ",") }
        for word in words { nodes.append(try parse(String(Substring(word)))) }
        guard nodes.count <= SettingsLimits.clusterNodesMax else {
            throw InvalidValue("has more than \(SettingsLimits.clusterNodesMax) nodes")
        }
        return nodes
    }

    private static func parse(_ word: String) throws(InvalidValue) -> ClusterNode {
        let parts = word.utf8.split(
            separator: UInt8(ascii: "|"), omittingEmptySubsequences: false
        ).map { String(Substring($0)) }
        guard parts.count == 3, isName(parts[0], bytesMin: 1), isName(parts[1], bytesMin: 0),
            let port = OptionValue.integer(parts[2]), (1...SettingsLimits.portMax).contains(port)
        else { throw InvalidValue("names a node that is not HOST|IP|PORT") }
        return ClusterNode(host: parts[0], address: parts[1], port: port)
    }

    private static func isName(_ text: String, bytesMin: Int) -> Bool {
        (bytesMin...SettingsLimits.hostBytesMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 > UInt8(ascii: " ") && $0 < 0x7f }
    }
}
