/// What the command line of `cached-bench run` asks for.
struct RunOptions: Sendable {
    enum Format: String, Sendable, CaseIterable { case text, json, csv }

    var plan = LoadPlan()
    /// Each key is set once before the run.
    var fillsFirst = false
    var format = Format.text
    /// nil: standard output.
    var outputPath: String?
    /// Ends with .html or .svg.
    var chartPath: String?
    var isQuiet = false
    /// The page with all options, instead of a run.
    var wantsHelp = false

    // What only makes sense together; put into the plan when all is read.
    var isFill = false
    var tracePath: String?
    var traceFormat: LoadPlan.TraceFormat?
    /// The options that were given, by name.
    var given: Set<String> = []
}

/// The command line cannot be followed: one line that says why, and what would be allowed.
struct OptionError: Error, Equatable {
    let message: String

    init(_ message: String) { self.message = message }
}
