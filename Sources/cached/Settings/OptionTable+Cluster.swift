extension OptionTable {
    static let cluster: [OptionDefinition] = [
        OptionDefinition(
            nil, "cluster-nodes", group: .cluster, placeholder: "LIST", effect: clusterNodes(),
            help: """
                The nodes that 'config get cluster' tells: HOST|IP|PORT, with commas or spaces \
                between them. IP may be empty.
                """),
        OptionDefinition(
            nil, "cluster-updates", group: .cluster, effect: .flag(\.clusterUpdatesAllowed),
            help: "Let any client change them by 'config set cluster'."),
    ]

    private static func clusterNodes() -> OptionEffect {
        var effect = OptionEffect(valueUse: .required)
        effect.apply = { (occurrence, draft) throws(UsageError) in
            do throws(InvalidValue) {
                draft.settings.clusterNodes = try ClusterNode.parseList(occurrence.value ?? "")
            } catch {
                throw occurrence.refused(error.reason)
            }
        }
        effect.render = { settings in
            guard !settings.clusterNodes.isEmpty else { return [] }
            return [settings.clusterNodes.map(\.description).joined(separator: ",")]
        }
        return effect
    }
}
