/// SASL's mechanism PLAIN (RFC 4616), the only one that is offered: a user and a password in one
/// message, `[authzid] NUL user NUL password`.
public enum SASLPlain {
    /// What a server answers when it is asked for its mechanisms.
    public static let mechanisms: StaticString = "PLAIN"

    /// Bytes of a message; nothing longer can be right.
    public static let messageBytesMax =
        2 * LoginLimits.userBytesMax + LoginLimits.passwordBytesMax + 2

    /// Positions in the message.
    public struct Credentials: Equatable, Sendable {
        public let user: ByteRange
        public let password: ByteRange
    }

    /// Whether a client asks for this mechanism; the case of its name does not matter.
    public static func isNamed(_ mechanism: Span<UInt8>) -> Bool {
        guard mechanism.count == mechanisms.utf8CodeUnitCount else { return false }
        for position in 0..<mechanism.count {
            // Clears what tells lower case from upper case in ASCII letters.
            let upper = mechanism[position] & 0xdf
            // SAFETY: both have the same number of bytes.
            guard unsafe upper == mechanisms.utf8Start[position] else { return false }
        }
        return true
    }

    /// Nil for what can be nobody's: a part missing, empty or too long, a NUL too many, or the wish
    /// to act as somebody else than the user.
    /// - Complexity: O(length of the message).
    public static func parse(_ message: Span<UInt8>) -> Credentials? {
        guard message.count <= messageBytesMax,
            let first = Scan.first(0, in: message, from: 0, to: message.count),
            let second = Scan.first(0, in: message, from: first + 1, to: message.count),
            Scan.first(0, in: message, from: second + 1, to: message.count) == nil
        else { return nil }
        let user = ByteRange(start: first + 1, end: second)
        let password = ByteRange(start: second + 1, end: message.count)
        guard (1...LoginLimits.userBytesMax).contains(user.count),
            (1...LoginLimits.passwordBytesMax).contains(password.count)
        else { return nil }
        if first > 0 {
            guard first == user.count else { return nil }
            for offset in 0..<first where message[offset] != message[user.start + offset] {
                return nil
            }
        }
        return Credentials(user: user, password: password)
    }
}
