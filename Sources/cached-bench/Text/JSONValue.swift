/// JSON to be written (RFC 8259).
indirect enum JSONValue {
    case null
    case bool(Bool)
    case integer(Int)
    /// What is no number is written as null.
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// In the order given.
    case object([(String, JSONValue)])

    /// On lines, indented; an array of plain values on one.
    func rendered(indent: String = "") -> String {
        let inner = indent + "  "
        switch self {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .integer(let value): return String(value)
        case .number(let value): return Self.digits(value)
        case .string(let text): return Self.quoted(text)
        case .array(let values):
            guard values.contains(where: \.isNested) else {
                return "[" + values.map { $0.rendered() }.joined(separator: ", ") + "]"
            }
            let rows = values.map { inner + $0.rendered(indent: inner) }
            return "[\n" + rows.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let members):
            guard !members.isEmpty else { return "{}" }
            let rows = members.map { name, value in
                "\(inner)\(Self.quoted(name)): \(value.rendered(indent: inner))"
            }
            return "{\n" + rows.joined(separator: ",\n") + "\n\(indent)}"
        }
    }

    private var isNested: Bool {
        switch self {
        case .array, .object: return true
        case .null, .bool, .integer, .number, .string: return false
        }
    }

    private static func digits(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case _ where scalar.value < 32:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
