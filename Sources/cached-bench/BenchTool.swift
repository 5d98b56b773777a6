import Glibc

/// The program as a whole: arguments in, exit status out.
enum BenchTool {
    /// - Returns: 0 after a run, 1 if it failed or found wrong values, 2 for wrong options.
    static func run(arguments: [String]) -> Int32 {
        // A reader that goes away is an error of writing, not the end of the program.
        _ = signal(SIGPIPE, SIG_IGN)
        guard let first = arguments.first else { return RunCommand.run(arguments: []) }
        let rest = Array(arguments.dropFirst())
        switch first {
        case "run": return RunCommand.run(arguments: rest)
        case "compare": return CompareCommand.run(arguments: rest)
        case "floor": return FloorCommand.run(arguments: rest)
        case "--help", "-h":
            print(help, terminator: "")
            return 0
        case _ where first.hasPrefix("-"): return RunCommand.run(arguments: arguments)
        default:
            complain(
                "there is no command \(OptionText.quoted(first)); the commands are run, compare and floor"
            )
            return usageStatus
        }
    }

    static let usageStatus: Int32 = 2

    /// One line on stderr, with the program's name.
    static func complain(_ message: String) {
        StandardStream.error.write("cached-bench: \(message)\n")
    }

    private static let help = """
        Usage: cached-bench [run] [OPTION]...   load one server and measure it
               cached-bench compare [OPTION]... measure several servers under the same loads
               cached-bench floor [OPTION]...   what the machine itself takes

        cached-bench COMMAND --help lists a command's options.

        """
}
