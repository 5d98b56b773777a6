import Glibc
import Synchronization

/// The program as a whole: arguments in, exit code out.
enum CommandLineTool {
    /// - Returns: 0 after a clean stop, 1 if it cannot start, 64 for wrong options.
    static func run(arguments: [String]) -> Int32 {
        let settings: Settings
        do throws(UsageError) {
            switch try Settings.parse(arguments: arguments) {
            case .printAndExit(let text):
                print(text, terminator: "")
                return 0
            case .run(let parsed, let warnings):
                for warning in warnings { Log.warning(warning) }
                settings = parsed
            }
        } catch {
            Log.error(error.message)
            return UsageError.exitCode
        }
        Log.verbosity.store(settings.verbosity, ordering: .relaxed)
        do throws(StartupError) {
            let server = try Server(settings)
            try server.run()
            return 0
        } catch {
            Log.error(error.message)
            return 1
        }
    }
}
