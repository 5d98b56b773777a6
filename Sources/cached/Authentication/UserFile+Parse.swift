import Protocol

/// One line of the user file.
struct UserEntry: Equatable {
    let user: [UInt8]
    /// The password itself, or a ``PasswordHash``.
    let secret: [UInt8]
    let line: Int
}

extension UserFile {
    /// The lines of the file. Empty ones are left out, and there are no comments: memcached takes
    /// a line that begins with # for a user.
    func entries(_ bytes: [UInt8]) throws(UserFileError) -> [UserEntry] {
        var entries: [UserEntry] = []
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if line.isEmpty { continue }
            entries.append(try entry(line, number: index + 1))
        }
        return entries
    }

    private func entry(
        _ line: ArraySlice<UInt8>, number: Int
    ) throws(UserFileError) -> UserEntry {
        func malformed(_ reason: String) -> UserFileError {
            UserFileError(message: "\(path):\(number): \(reason)")
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
            throw malformed("has no colon; takes user:password")
        }
        guard !line.contains(0), !line.contains(UInt8(ascii: "\r")) else {
            throw malformed("has a NUL or a carriage return in it")
        }
        let user = line[..<colon]
        var secret = line[(colon + 1)...]
        if format == .passwordDatabase {
            secret = secret.prefix { $0 != UInt8(ascii: ":") }
        }
        guard (1...LoginLimits.userBytesMax).contains(user.count) else {
            throw malformed("has a user of \(user.count) bytes; takes 1 to 255")
        }
        guard (1...LoginLimits.passwordBytesMax).contains(secret.count) else {
            throw malformed("has a password of \(secret.count) bytes; takes 1 to 511")
        }
        return UserEntry(user: Array(user), secret: Array(secret), line: number)
    }
}
