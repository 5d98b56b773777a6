/// Builds a drawing as SVG: one file, no scripts, light or dark as the reader's system is.
struct SVG {
    let width: Int
    let height: Int
    private var body = ""

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// The servers' colours. The names are those of the style classes.
    private static let style = """
        <style>
        svg { color-scheme: light dark }
        .ground { fill: #ffffff }
        text { font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
        .heading { font-size: 16px; font-weight: 600 }
        .faint { fill: #57606a }
        .grid { stroke: #d8dee4; stroke-width: 1 }
        .bar-a { fill: #1f6feb } .line-a { stroke: #1f6feb }
        .bar-b { fill: #bc4c00 } .line-b { stroke: #bc4c00 }
        .bar-c { fill: #6e7781 } .line-c { stroke: #6e7781; stroke-dasharray: 6 4 }
        .bar-d { fill: #1a7f64 } .line-d { stroke: #1a7f64 }
        .line { fill: none; stroke-width: 2.5; stroke-linejoin: round }
        @media (prefers-color-scheme: dark) {
        .ground { fill: #14181d }
        text { fill: #e6edf3 }
        .faint { fill: #9da7b1 }
        .grid { stroke: #30363d }
        .bar-a { fill: #58a6ff } .line-a { stroke: #58a6ff }
        .bar-b { fill: #f0883e } .line-b { stroke: #f0883e }
        .bar-c { fill: #8b949e } .line-c { stroke: #8b949e }
        .bar-d { fill: #56d4bb } .line-d { stroke: #56d4bb }
        }
        </style>

        """

    /// Which of the colours a server has, in all charts.
    static func colour(of server: ServerKind) -> String {
        switch server {
        case .cached: "a"
        case .memcached: "b"
        case .floor: "c"
        case .cachedS3FIFO: "d"
        }
    }

    enum Anchor: String { case start, middle, end }

    mutating func text(
        _ text: String, x: Double, y: Double, anchor: Anchor = .start, style: String = ""
    ) {
        let style = style.isEmpty ? "" : " class=\"\(style)\""
        body += "<text x=\"\(SVG.number(x))\" y=\"\(SVG.number(y))\""
        body += " text-anchor=\"\(anchor.rawValue)\"\(style)>\(SVG.escaped(text))</text>\n"
    }

    mutating func rectangle(
        x: Double, y: Double, width: Double, height: Double, style: String
    ) {
        body += "<rect x=\"\(SVG.number(x))\" y=\"\(SVG.number(y))\""
        body += " width=\"\(SVG.number(width))\" height=\"\(SVG.number(height))\""
        body += " rx=\"2\" class=\"\(style)\"/>\n"
    }

    mutating func line(x1: Double, y1: Double, x2: Double, y2: Double, style: String) {
        body += "<line x1=\"\(SVG.number(x1))\" y1=\"\(SVG.number(y1))\""
        body += " x2=\"\(SVG.number(x2))\" y2=\"\(SVG.number(y2))\" class=\"\(style)\"/>\n"
    }

    mutating func polyline(_ points: [(x: Double, y: Double)], style: String) {
        let list = points.map { "\(SVG.number($0.x)),\(SVG.number($0.y))" }
        body += "<polyline points=\"\(list.joined(separator: " "))\" class=\"\(style)\"/>\n"
    }

    mutating func dot(x: Double, y: Double, style: String) {
        body += "<circle cx=\"\(SVG.number(x))\" cy=\"\(SVG.number(y))\" r=\"3.5\""
        body += " class=\"\(style)\"/>\n"
    }

    /// Heading, explanation, and which colour is which server's.
    mutating func top(_ heading: String, _ explanation: String, _ servers: [ServerKind]) {
        text(heading, x: 20, y: 28, style: "heading")
        text(explanation, x: 20, y: 48, style: "faint")
        var x = 20.0
        for server in servers {
            rectangle(
                x: x, y: 62, width: 12, height: 12, style: "bar-\(SVG.colour(of: server))")
            text(server.rawValue, x: x + 18, y: 73)
            x += 18 + Double(server.rawValue.utf8.count) * 8 + 16
        }
    }

    /// Where the drawing itself may begin.
    static let topHeight = 92.0

    /// The whole file.
    func file(title: String) -> String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" \
        width="\(width)" height="\(height)" role="img">
        <title>\(SVG.escaped(title))</title>
        \(SVG.style)<rect width="\(width)" height="\(height)" class="ground"/>
        \(body)</svg>

        """
    }

    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }

    private static func number(_ value: Double) -> String { Numerals.fixed(value, 1) }
}
