import Protocol

/// Who may log in, and with what. It never changes; reading the file again makes a new one.
///
/// A check costs the same whoever it is for: every name is compared, and a user who is not there
/// has as many passwords to compare, and hashes to compute, as the one with the most.
final class UserTable: Sendable {
    /// The hashes of one method and cost.
    private struct HashKind {
        /// What is computed for who has none, and never matches.
        let decoy: PasswordHash
        var hashes: [[PasswordHash]]
        /// How many the user with the most has.
        var rounds = 0
    }

    let userCount: Int
    private let names: SecretTexts
    /// `passwordRounds` rows for each user, and as many for who is not there.
    private let passwords: SecretTexts
    private let passwordRounds: Int
    private let kinds: [HashKind]

    /// A check computes hashes: not on a thread that others wait for.
    var hasHashes: Bool { !kinds.isEmpty }

    /// - Throws: what is wrong with the entries as a whole.
    init(_ entries: [UserEntry], path: String) throws(UserFileError) {
        var users: [[UInt8]: Int] = [:]
        var names = SecretTexts(width: LoginLimits.userBytesMax)
        for entry in entries where users[entry.user] == nil {
            guard users.count < UserFileLimits.usersMax else {
                throw UserFileError(
                    message: "\(path):\(entry.line): has one user too many; takes "
                        + "\(UserFileLimits.usersMax)")
            }
            users[entry.user] = users.count
            names.append(entry.user)
        }
        guard !users.isEmpty else { throw UserFileError(message: "\(path): has no user") }
        var plain = [[[UInt8]]](repeating: [], count: users.count)
        var kinds: [[UInt8]: HashKind] = [:]
        var lines = [Int](repeating: 0, count: users.count)
        for entry in entries {
            guard let user = users[entry.user] else { continue }
            lines[user] += 1
            guard lines[user] <= UserFileLimits.passwordsPerUserMax else {
                throw UserFileError(
                    message: "\(path):\(entry.line): is one password too many for this user; "
                        + "takes \(UserFileLimits.passwordsPerUserMax)")
            }
            if PasswordHash.isHash(entry.secret) {
                try UserTable.add(entry, user, userCount: users.count, path: path, &kinds)
            } else {
                plain[user].append(entry.secret)
            }
        }
        let rounds = plain.map(\.count).max() ?? 0
        var passwords = SecretTexts(width: LoginLimits.passwordBytesMax)
        for own in plain + [[]] {
            for round in 0..<rounds { passwords.append(round < own.count ? own[round] : nil) }
        }
        userCount = users.count
        self.names = names
        self.passwords = passwords
        passwordRounds = rounds
        self.kinds = Array(kinds.values)
    }

    private static func add(
        _ entry: UserEntry, _ user: Int, userCount: Int, path: String,
        _ kinds: inout [[UInt8]: HashKind]
    ) throws(UserFileError) {
        let hash = PasswordHash(text: entry.secret)
        let place = "\(path):\(entry.line)"
        let known = kinds[hash.kind]
        // Hashing once shows whether libcrypt knows the kind, and how long its hashes are.
        guard let decoy = known?.decoy ?? hash.hashing([]) else {
            throw UserFileError(
                message: "\(place): has a password that begins with $ and is no hash that "
                    + "libcrypt knows")
        }
        guard hash.tailLength == decoy.tailLength else {
            throw UserFileError(message: "\(place): has an incomplete hash")
        }
        var kind =
            known
            ?? HashKind(decoy: decoy, hashes: [[PasswordHash]](repeating: [], count: userCount))
        kind.hashes[user].append(hash)
        kind.rounds = max(kind.rounds, kind.hashes[user].count)
        kinds[hash.kind] = kind
        guard kinds.count <= UserFileLimits.hashKindsMax else {
            throw UserFileError(
                message: "\(place): has one more kind of hash; takes "
                    + "\(UserFileLimits.hashKindsMax) methods and costs")
        }
    }
}

extension UserTable {
    /// Whether `user` has this password. Takes as long as the hashes take.
    func accepts(_ user: Span<UInt8>, _ password: Span<UInt8>) -> Bool {
        guard (1...LoginLimits.userBytesMax).contains(user.count),
            (1...LoginLimits.passwordBytesMax).contains(password.count)
        else { return false }
        let found = position(of: user)
        var matches = 0
        for round in 0..<passwordRounds {
            matches |= passwords.equals(found * passwordRounds + round, password)
        }
        let copy = kinds.isEmpty ? [] : (0..<password.count).map { password[$0] }
        for kind in kinds {
            let own = found < userCount ? kind.hashes[found] : []
            for round in 0..<kind.rounds {
                let isOwn = round < own.count
                let isEqual = (isOwn ? own[round] : kind.decoy).matches(copy)
                if isEqual, isOwn { matches = 1 }
            }
        }
        return matches != 0
    }

    /// The user's number, or `userCount` if there is none of that name.
    private func position(of name: Span<UInt8>) -> Int {
        var found = userCount
        for user in 0..<userCount {
            // All ones if it is this one.
            let mask = 0 &- names.equals(user, name)
            found = (found & ~mask) | (user & mask)
        }
        return found
    }
}
