import CSystem
import Glibc
import SystemCalls

/// The bytes of a file, mapped, or read from a program that unpacks it.
@safe
final class TraceBytes: @unchecked Sendable {
    private let memory: UnsafeMutableRawPointer?
    private let isMapped: Bool
    let count: Int

    private init(_ memory: UnsafeMutableRawPointer?, count: Int, isMapped: Bool) {
        unsafe self.memory = memory
        self.count = count
        self.isMapped = isMapped
    }

    deinit {
        guard let memory = unsafe memory else { return }
        if isMapped { unsafe munmap(memory, count) } else { unsafe free(memory) }
    }

    func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // SAFETY: the memory is this object's until its end.
        try body(
            unsafe Span<UInt8>(
                _unsafeBytes: UnsafeRawBufferPointer(start: memory, count: count)))
    }

    /// What unpacks a file, by the ending of its name.
    private static func unpacker(of path: String) -> String? {
        if path.hasSuffix(".xz") { return "xz" }
        if path.hasSuffix(".gz") { return "gzip" }
        return path.hasSuffix(".zst") ? "zstd" : nil
    }

    static func load(_ path: String) throws(BenchError) -> TraceBytes {
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { throw BenchError("cannot read \(path): \(Errno.last)") }
        let file = FileDescriptor(owning: number)
        if let program = unpacker(of: path) {
            return try unpack(path, with: program)
        }
        var status = stat()
        guard unsafe fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw BenchError("cannot read \(path): it is not a file")
        }
        let count = Int(status.st_size)
        guard count > 0 else { throw BenchError("the trace \(path) is empty") }
        let start = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, file.number, 0)
        guard let start = unsafe start, unsafe start != UnsafeMutableRawPointer(bitPattern: -1)
        else { throw BenchError("cannot read \(path): \(Errno.last)") }
        unsafe madvise(start, count, MADV_SEQUENTIAL)
        return unsafe TraceBytes(start, count: count, isMapped: true)
    }

    private static func unpack(
        _ path: String, with program: String
    ) throws(BenchError) -> TraceBytes {
        var ends: (Int32, Int32) = (-1, -1)
        let status = unsafe withUnsafeMutablePointer(to: &ends) { pair in
            unsafe pair.withMemoryRebound(to: Int32.self, capacity: 2) { unsafe pipe($0) }
        }
        guard status == 0 else { throw BenchError("cannot run \(program): \(Errno.last)") }
        let reading = FileDescriptor(owning: ends.0)
        let writing = FileDescriptor(owning: ends.1)
        let child = try spawn(program, path, output: writing.number, closing: reading.number)
        _ = consume writing
        let (memory, count) = unsafe readAll(reading)
        // Where memory is short not all was read: the program must not wait for that.
        _ = consume reading
        var exit: Int32 = 0
        while unsafe waitpid(child, &exit, 0) < 0, Errno.last.isInterruption {}
        let unpacked = unsafe TraceBytes(memory, count: count, isMapped: false)
        guard exit == 0 else {
            throw BenchError("cannot read \(path): \(program) -dc failed")
        }
        guard count > 0 else { throw BenchError("the trace \(path) is empty") }
        return unpacked
    }

    private static func spawn(
        _ program: String, _ path: String, output: Int32, closing: Int32
    ) throws(BenchError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe _ = posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        unsafe posix_spawn_file_actions_addclose(&actions, closing)
        unsafe posix_spawn_file_actions_addclose(&actions, output)
        // The path comes after "--" so that no name is taken for an option.
        let words = [program, "-dc", "--", path]
        var arguments = unsafe words.map { word in unsafe strdup(word) }
        unsafe arguments.append(nil)
        defer { for place in words.indices { unsafe free(arguments[place]) } }
        var child = pid_t()
        let status = unsafe posix_spawnp(&child, program, &actions, nil, arguments, environ)
        guard status == 0 else {
            throw BenchError(
                "cannot run \(program), which unpacks the trace: "
                    + "\(Errno(code: status))")
        }
        return child
    }

    /// Everything up to the end; nothing if memory is short.
    private static func readAll(
        _ file: borrowing FileDescriptor
    ) -> (UnsafeMutableRawPointer?, Int) {
        var capacity = 1 << 20
        var count = 0
        var memory = unsafe malloc(capacity)
        while let current = unsafe memory {
            if count == capacity {
                capacity *= 2
                guard let larger = unsafe realloc(current, capacity) else { break }
                unsafe memory = larger
                continue
            }
            // SAFETY: the rest of the allocation.
            let got = unsafe read(file.number, current + count, capacity - count)
            if got < 0, Errno.last.isInterruption { continue }
            guard got > 0 else { break }
            count += got
        }
        return unsafe (memory, count)
    }
}
