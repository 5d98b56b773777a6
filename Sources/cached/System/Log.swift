import Glibc
import Synchronization

/// Lines on standard error, each written at once.
enum Log {
    /// How much is said: 0 errors and warnings, 1 also connections that end badly, 2 also every
    /// command (`-v`, `-vv`, `verbosity`).
    static let verbosity = Atomic<Int>(0)

    static func error(_ text: String) { write("cached: \(text)\n") }
    static func warning(_ text: String) { write("cached: warning: \(text)\n") }
    static func info(_ text: String) {
        if verbosity.load(ordering: .relaxed) >= 1 { write("cached: \(text)\n") }
    }

    /// One line as memcached prints it with -vv.
    static func trace(_ text: String) { write(text + "\n") }

    private static func write(_ line: String) {
        var line = line
        line.withUTF8 { bytes in
            _ = unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }
}
