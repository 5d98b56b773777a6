/// What a connection of the text protocol may say before it is logged in: a `set` whose value is
/// `user password`. Key, flags and exptime can be anything.
///
/// The contract is what memcached 1.6.45 does with `-Y`.
public enum TextLogin {
    public enum Result: Sendable {
        /// At least `needed` bytes from the start on are wanted.
        case incomplete(needed: Int)
        /// Junk: the connection must be closed.
        case hangUp
        /// Answer this; what comes next begins at `next`.
        case refused(StaticString, next: Int)
        /// The value has more bytes than any user and password, and is refused when it is over.
        case tooLong(length: Int, next: Int)
        case credentials(user: ByteRange, password: ByteRange, next: Int)
    }

    /// A line of less than this cannot be a login, and memcached closes.
    private static let lineBytesMin = 6

    /// Parses what begins at `start`.
    /// - Complexity: O(length), which `LoginLimits` bounds.
    public static func parse(_ bytes: Span<UInt8>, from start: Int) -> Result {
        let count = bytes.count - start
        guard count >= 3 else { return .incomplete(needed: 3) }
        let lineLimit = min(bytes.count, start + LoginLimits.lineBytesMax + 1)
        guard let newline = Scan.first(UInt8(ascii: "\n"), in: bytes, from: start, to: lineLimit)
        else {
            return count > LoginLimits.lineBytesMax ? .hangUp : .incomplete(needed: count + 1)
        }
        guard newline - start >= lineBytesMin else { return .hangUp }
        // memcached takes the byte before the line feed for a carriage return, whatever it is.
        let end = bytes[newline - 2] == UInt8(ascii: "\r") ? newline - 2 : newline - 1
        let next = newline + 1
        let tokens = Tokens(bytes, start: start, end: end)
        guard Scan.matches("set", bytes, start, start + 3), let lengthToken = tokens.at(4),
            let announced = Numbers.strictUnsigned32(bytes[lengthToken])
        else { return .refused(TextReply.unauthenticated, next: next) }
        let length = Int(announced)
        guard length <= LoginLimits.announcedBytesMax else {
            return .refused(TextReply.authTokenTooLong, next: next)
        }
        guard length <= LoginLimits.credentialBytesMax else {
            return .tooLong(length: length, next: next)
        }
        guard bytes.count >= next + length + 2 else {
            return .incomplete(needed: next + length + 2 - start)
        }
        return parseValue(bytes, next, next + length)
    }

    private static func parseValue(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Result {
        guard bytes[end] == UInt8(ascii: "\r"), bytes[end + 1] == UInt8(ascii: "\n") else {
            return .refused(TextReply.badTermination, next: end + 2)
        }
        guard let space = Scan.first(UInt8(ascii: " "), in: bytes, from: start, to: end) else {
            return .refused(TextReply.badAuthToken, next: end + 2)
        }
        return .credentials(
            user: ByteRange(start: start, end: space),
            password: ByteRange(start: space + 1, end: end), next: end + 2)
    }
}
