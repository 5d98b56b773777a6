/// The limits of user names and passwords, in every protocol and in the user file.
public enum LoginLimits {
    /// Bytes of a user name, at least 1.
    public static let userBytesMax = 255
    /// Bytes of a password, at least 1: what crypt(3) takes.
    public static let passwordBytesMax = 511
    /// Bytes of `user password`; nothing longer can be right.
    public static let credentialBytesMax = userBytesMax + 1 + passwordBytesMax
    /// Bytes that a text login may announce; memcached refuses more before they come.
    public static let announcedBytesMax = 16384
    /// Bytes of a text login's first line; beyond, the connection is closed.
    public static let lineBytesMax = 2048
}
