import Glibc

/// What the settings need from the process and the system. Tests pass their own.
enum ProcessFacts {
    /// Processors online, at least 1.
    static func coreCount() -> Int {
        max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    /// A variable of the environment; nil if it is not set. Call it before there are threads.
    static func environment(_ name: String) -> String? {
        // SAFETY: nothing changes the environment while options are read, so the string lives.
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// The bytes of a configuration file, at most 1 MiB of them.
    static func readConfigFile(_ path: String) throws(UsageError) -> [UInt8] {
        let descriptor = retryingOnInterrupt { unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) }
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { _ = close(descriptor) }
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while contents.count <= SettingsLimits.configFileBytesMax {
            let count = retryingOnInterrupt {
                // SAFETY: read writes at most the buffer's own count of bytes into it.
                unsafe chunk.withUnsafeMutableBytes {
                    unsafe read(descriptor, $0.baseAddress, $0.count)
                }
            }
            guard count >= 0 else { throw failure(path, errno) }
            if count == 0 { return contents }
            contents += chunk.prefix(count)
        }
        throw UsageError(message: "\(shown(path)): is larger than 1 MiB")
    }

    /// A path that means the same from any folder.
    static func absolutePath(_ path: String) -> String {
        guard path.utf8.first != UInt8(ascii: "/") else { return path }
        // SAFETY: getcwd allocates what it returns, which is copied before it is freed.
        guard let folder = unsafe getcwd(nil, 0) else { return path }
        defer { unsafe free(folder) }
        return unsafe "\(String(cString: folder))/\(path)"
    }

    private static func failure(_ path: String, _ code: Int32) -> UsageError {
        // SAFETY: strerror's text is copied at once, and no other thread runs yet.
        let reason = unsafe strerror(code).map { unsafe String(cString: $0) }
        return UsageError(message: "\(shown(path)): can't be read: \(reason ?? "error \(code)")")
    }

    private static func shown(_ path: String) -> String {
        "option --config: \(OptionValue.quoted(path))"
    }

    private static func retryingOnInterrupt<Value: SignedInteger>(_ call: () -> Value) -> Value {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }
}
