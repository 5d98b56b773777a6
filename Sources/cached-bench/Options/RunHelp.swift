/// The page of `cached-bench run --help`, made from the table: 80 columns wide.
enum RunHelp {
    private static let width = 80
    private static let indent = "        "

    static func text() -> String {
        var page = """
            Usage: cached-bench [run] [OPTION]...

            Loads a memcached-compatible server and measures it: requests a second,
            latencies, and what they cost the server. Values are written --name=value or
            --name value.

            """
        for group in RunOptionTable.groups {
            page += "\n\(group.title):\n"
            for option in group.options {
                let value = option.placeholder.map { "=\($0)" } ?? ""
                let note = option.defaultText.map { " [\($0)]" } ?? ""
                page += "  --\(option.name)\(value)\n"
                for line in wrap(option.help + note) { page += "\(indent)\(line)\n" }
            }
        }
        return page + examples
    }

    private static func wrap(_ text: String) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            let length = lines[lines.count - 1].utf8.count
            if length > 0, length + 1 + word.utf8.count > width - indent.utf8.count {
                lines.append("")
            }
            if !lines[lines.count - 1].isEmpty { lines[lines.count - 1] += " " }
            lines[lines.count - 1] += word
        }
        return lines
    }

    private static let examples = """

        Exit status: 0 after a run, 1 if it failed or found a wrong value, 2 for wrong
        options.

        Examples:
          cached-bench --fill-first --seconds=10
          cached-bench --unix=/run/cached.sock --depth=64 --threads=2
          cached-bench --rate=20000 --distribution=zipf:0.99 --chart=latency.html
          cached-bench --trace=requests.xz --trace-format=lines --look-aside

        """
}
