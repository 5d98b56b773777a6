import Glibc
import SystemCalls

/// Why there are no users, as one line for the operator. It never tells what is in the file.
struct UserFileError: Error, Equatable {
    let message: String
}

/// The file of users and passwords, and how it is read.
struct UserFile: Sendable, Equatable {
    enum Format: Sendable {
        /// memcached's `-Y`: `user:password`, where all behind the first colon is the password.
        case users
        /// memcached's MEMCACHED_SASL_PWDB: the password ends at the next colon.
        case passwordDatabase
    }

    /// Absolute, so that it is the same file after the daemon went to the background.
    let path: String
    let format: Format

    init(path: String, format: Format) {
        self.path = ProcessFacts.absolutePath(path)
        self.format = format
    }

    /// Reads the users. Warns when anybody on this machine can read them.
    func load() throws(UserFileError) -> UserTable {
        // A pipe would have us wait for its writer.
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard number >= 0 else { throw unreadable(Errno.last) }
        let descriptor = FileDescriptor(owning: number)
        var status = stat()
        guard unsafe fstat(descriptor.number, &status) == 0 else { throw unreadable(Errno.last) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw UserFileError(message: "\(path): is not a file")
        }
        let bytes = try read(descriptor)
        let table = try UserTable(entries(bytes), path: path)
        if status.st_mode & (S_IROTH | S_IWOTH) != 0 {
            Log.warning("\(path): every user of this machine can read or write it; chmod o-rw")
        }
        return table
    }

    private func unreadable(_ error: Errno) -> UserFileError {
        UserFileError(
            message: "\(path): cannot be read: \(error); it holds one user:password a line, and "
                + "must be readable for the user that the daemon runs as")
    }

    private func read(_ descriptor: borrowing FileDescriptor) throws(UserFileError) -> [UInt8] {
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while contents.count <= UserFileLimits.fileBytesMax {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                // SAFETY: read writes at most the buffer's own count of bytes into it.
                unsafe Glibc.read(descriptor.number, buffer.baseAddress, buffer.count)
            }
            if count < 0 {
                let error = Errno.last
                if error.isInterruption { continue }
                throw unreadable(error)
            }
            if count == 0 { return contents }
            contents += chunk.prefix(count)
        }
        throw UserFileError(
            message: "\(path): is larger than \(UserFileLimits.fileBytesMax >> 10) KiB")
    }
}

/// The limits of the user file. memcached's are 8 users and 255 bytes a line.
enum UserFileLimits {
    static let fileBytesMax = 1 << 20
    static let usersMax = 1024
    /// Lines with the same user, each with a password that lets it in: for changing one while
    /// clients still have the old.
    static let passwordsPerUserMax = 4
    /// Methods and costs of hashed passwords: each login pays for one hash of each.
    static let hashKindsMax = 4
}
