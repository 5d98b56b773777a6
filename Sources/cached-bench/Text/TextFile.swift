import Glibc
import SystemCalls

/// Where people read; unbuffered, so that nothing is lost when a signal ends the program.
enum StandardStream: Int32 {
    case output = 1
    case error = 2

    /// A reader that is gone wants no more.
    func write(_ text: String) { try? TextFile.write(text, to: rawValue) }
}

/// Small files, read and written whole.
enum TextFile {
    static func read(_ path: String) -> String? {
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return nil }
        let file = FileDescriptor(owning: number)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.read(file.number, $0.baseAddress, $0.count)
            }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func write(_ text: String, to path: String) throws(BenchError) {
        let number = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard number >= 0 else { throw BenchError("cannot write \(path): \(Errno.last)") }
        let file = FileDescriptor(owning: number)
        do throws(Errno) {
            try write(text, to: file.number)
        } catch {
            throw BenchError("cannot write \(path): \(error)")
        }
    }

    /// Tells before a long run, and not after it, that a file cannot be written.
    static func checkWritable(_ path: String) throws(BenchError) {
        if unsafe access(path, W_OK) == 0 { return }
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { String(path[...$0]) } ?? "."
        guard errno == ENOENT, unsafe access(folder, W_OK | X_OK) == 0 else {
            throw BenchError("cannot write \(path): \(Errno.last)")
        }
    }

    static func write(_ text: String, to descriptor: Int32) throws(Errno) {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes[start...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, Errno.last.isInterruption { continue }
            guard count > 0 else { throw Errno.last }
            start += count
        }
    }

    /// With the folders above it.
    static func makeFolder(_ path: String) throws(BenchError) {
        var made = path.utf8.first == UInt8(ascii: "/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += part + "/"
            guard unsafe mkdir(made, 0o755) == 0 || errno == EEXIST else {
                throw BenchError("cannot make the folder \(made): \(Errno.last)")
            }
        }
    }
}
