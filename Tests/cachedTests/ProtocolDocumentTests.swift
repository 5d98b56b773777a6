import Foundation
import Testing

@testable import cached

/// docs/PROTOCOL.md lists every option that is taken, as the table of options has it.
/// `CACHED_WRITE_DOCS=1 swift test --filter ProtocolDocumentTests` writes the list anew.
struct ProtocolDocumentTests {
    private static let begin = "<!-- options: begin -->\n"
    private static let end = "<!-- options: end -->\n"

    private static let document = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/PROTOCOL.md")

    @Test func everyOptionIsListed() throws {
        let text = try String(contentsOf: ProtocolDocumentTests.document, encoding: .utf8)
        let start = try #require(text.range(of: ProtocolDocumentTests.begin))
        let stop = try #require(text.range(of: ProtocolDocumentTests.end))
        let wanted = ProtocolDocumentTests.table()
        if ProcessInfo.processInfo.environment["CACHED_WRITE_DOCS"] != nil {
            let whole = text[..<start.upperBound] + wanted + text[stop.lowerBound...]
            try whole.write(to: ProtocolDocumentTests.document, atomically: true, encoding: .utf8)
        } else {
            #expect(text[start.upperBound..<stop.lowerBound] == wanted)
        }
    }

    private static func table() -> String {
        var text = ""
        for group in OptionGroup.allCases {
            // As they are in a build with TLS, whatever this one is.
            let ofTLS = Set(OptionTable.ofTLS.map(\.identity))
            let others = OptionTable.all.filter { !ofTLS.contains($0.identity) }
            let rows = (others + OptionTable.ofTLS).filter { $0.group == group }
            guard !rows.isEmpty else { continue }
            text += "\n### \(group.rawValue)\n\n| option | here |\n| --- | --- |\n"
            for row in rows { text += "| \(names(row)) | \(treatment(row)) |\n" }
        }
        return text + "\n"
    }

    private static func names(_ row: OptionDefinition) -> String {
        var names = row.names.map { "`--\($0)`" }
        if let short = row.shortText { names.insert("`\(short)`", at: 0) }
        if let name = row.subOption { names.append("`-o \(name)`") }
        if let name = row.negatedSubOption { names.append("`-o \(name)`") }
        return names.joined(separator: " ")
    }

    private static func treatment(_ row: OptionDefinition) -> String {
        let text =
            switch row.effect.outcome {
            case .ignored(let why): "taken with a warning: \(why)"
            case .unsupported(let why): "refused: \(why)"
            default: row.help.isEmpty ? "what there is anyway" : row.help
            }
        return text.replacing("|", with: "\\|")
    }
}
