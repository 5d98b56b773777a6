/// One TCP address to listen on, as `-l` names it. The host's shape is checked here; whether the
/// name resolves is found out when the listener opens.
struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// Name or literal address without brackets, 1 to 255 bytes; nil for every interface (`*`).
    var host: String?

    /// 0 to 65535; 0 takes a free port.
    var port: Int

    var security = ListenerSecurity.standard

    static let loopbackHost = "127.0.0.1"

    /// `host` as the configuration file writes it: IPv6 in brackets, `*` for every interface,
    /// and before it how it is encrypted if that is special.
    var hostText: String {
        let prefix = security == .standard ? "" : "\(security.rawValue):"
        guard let host else { return "\(prefix)*" }
        return prefix + (host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host)
    }

    /// `host:port`, for log lines.
    var description: String { "\(hostText):\(port)" }
}

/// A `-l` element before it is known which port applies to those that name none.
struct ListenRequest: Sendable, Equatable {
    var host: String?
    /// nil when the element named no port: the one of `-p` applies.
    var port: Int?
    /// A `tag[...]` prefix was present. memcached shows tags in its logs; here they do nothing.
    var hasTag = false
    var security = ListenerSecurity.standard

    func resolved(defaultPort: Int) -> ListenAddress {
        ListenAddress(host: host, port: port ?? defaultPort, security: security)
    }
}

extension ListenRequest {
    /// Takes apart one `-l` argument: elements with commas or semicolons between them, each
    /// `[notls:][proto[NAME]:][tag[NAME]:]host[:port]`, an IPv6 host in brackets or without a port.
    static func parseList(_ text: String) throws(InvalidValue) -> [ListenRequest] {
        var requests: [ListenRequest] = []
        let separators = [UInt8(ascii: ","), UInt8(ascii: ";")]
        for element in text.utf8.split(whereSeparator: { separators.contains($0) }) {
            let trimmed = OptionValue.trimmed(String(Substring(element)))
            if !trimmed.isEmpty { requests.append(try parse(trimmed)) }
        }
        if requests.isEmpty { throw InvalidValue("names no address") }
        return requests
    }

    private static func parse(_ element: String) throws(InvalidValue) -> ListenRequest {
        var rest = element
        let security =
            ListenerSecurity.allCases.first {
                $0 != .standard && rest.hasPrefix("\($0.rawValue):")
            } ?? .standard
        if security != .standard {
            rest = String(Substring(rest.utf8.dropFirst(security.rawValue.utf8.count + 1)))
        }
        if let (name, after) = try takePrefix("proto[", closers: "]", of: rest) {
            try checkProtocol(name)
            rest = after
        }
        var hasTag = false
        for (opener, closer) in [("tag[", "]"), ("tag_", "_")] where !hasTag {
            guard let (name, after) = try takePrefix(opener, closers: closer, of: rest) else {
                continue
            }
            guard (1...8).contains(name.utf8.count) else {
                throw InvalidValue("has a tag that is not 1 to 8 bytes long")
            }
            hasTag = true
            rest = after
        }
        var request = try parseHostAndPort(rest)
        request.hasTag = hasTag
        request.security = security
        return request
    }

    /// If `text` begins with `opener`: what stands before `closers`, and what follows the colon
    /// after it.
    private static func takePrefix(
        _ opener: String, closers closer: String, of text: String
    ) throws(InvalidValue) -> (name: String, rest: String)? {
        let bytes = Array(text.utf8)
        let openerBytes = Array(opener.utf8)
        guard bytes.starts(with: openerBytes) else { return nil }
        let body = bytes.dropFirst(openerBytes.count)
        guard let end = body.firstIndex(where: { closer.utf8.first == $0 }) else {
            throw InvalidValue("has no '\(closer)' after '\(opener)'")
        }
        let after = body[body.index(after: end)...]
        guard after.first == UInt8(ascii: ":") else {
            throw InvalidValue("needs ':' and an address after '\(opener)...\(closer)'")
        }
        let name = String(decoding: body[..<end], as: UTF8.self)
        return (name, String(decoding: after.dropFirst(), as: UTF8.self))
    }

    private static func checkProtocol(_ name: String) throws(InvalidValue) {
        switch name {
        case "ascii", "negotiating": return
        case "binary", "proxy":
            throw InvalidValue("asks for proto[\(name)]; -B (--protocol) is for all listeners here")
        default:
            throw InvalidValue("has an unknown protocol; allowed are ascii and negotiating")
        }
    }

    private static func parseHostAndPort(_ text: String) throws(InvalidValue) -> ListenRequest {
        let colon = UInt8(ascii: ":")
        let bytes = Array(text.utf8)
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else {
                throw InvalidValue("has no ']' after the IPv6 address")
            }
            let host = try checkHost(bytes[1..<end], inBrackets: true)
            let after = bytes[(end + 1)...]
            if after.isEmpty { return ListenRequest(host: host) }
            guard after.first == colon else {
                throw InvalidValue("has something other than ':port' after ']'")
            }
            return ListenRequest(host: host, port: try parsePort(after.dropFirst()))
        }
        let colons = bytes.count(where: { $0 == colon })
        // Two colons and no brackets: an IPv6 address that names no port.
        guard colons == 1, let split = bytes.firstIndex(of: colon) else {
            return ListenRequest(host: try checkHost(bytes[...], inBrackets: false))
        }
        let host = try checkHost(bytes[..<split], inBrackets: false)
        return ListenRequest(host: host, port: try parsePort(bytes[(split + 1)...]))
    }

    private static func parsePort(_ bytes: ArraySlice<UInt8>) throws(InvalidValue) -> Int {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let port = OptionValue.integer(text), (-1...SettingsLimits.portMax).contains(port)
        else { throw InvalidValue("has a port that is not 0 to 65535") }
        return max(port, 0)
    }

    private static func checkHost(
        _ bytes: ArraySlice<UInt8>, inBrackets: Bool
    ) throws(InvalidValue) -> String? {
        guard (1...SettingsLimits.hostBytesMax).contains(bytes.count) else {
            throw InvalidValue("has a host that is not 1 to 255 bytes long")
        }
        if !inBrackets, Array(bytes) == [UInt8(ascii: "*")] { return nil }
        // Enough to stop what can't be a name, so that the listener's message is about names.
        let allowed = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                return true
            case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"),
                UInt8(ascii: "%"):
                return true
            default:
                return false
            }
        }
        guard allowed else { throw InvalidValue("has a host with a character no name can have") }
        return String(decoding: bytes, as: UTF8.self)
    }
}
