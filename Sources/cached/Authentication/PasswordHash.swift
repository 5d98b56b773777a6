import CSystem

/// A password as crypt(3) keeps it: `$method$parameters$salt$hash`.
struct PasswordHash: Sendable, Equatable {
    let text: [UInt8]

    private static let dollar = UInt8(ascii: "$")

    /// Whether a value of the user file is one, and not the password itself.
    static func isHash(_ value: some Collection<UInt8>) -> Bool { value.first == dollar }

    /// Method and cost: checking against hashes of one kind takes the same time.
    var kind: [UInt8] {
        let fields = text.dropFirst().split(
            separator: PasswordHash.dollar, omittingEmptySubsequences: false)
        guard let method = fields.first else { return [] }
        // bcrypt has its cost where others have the salt: $2b$12$salt-and-hash.
        let costs = method.first == UInt8(ascii: "2") ? 2 : max(1, fields.count - 2)
        return Array(fields.prefix(costs).joined(separator: [PasswordHash.dollar]))
    }

    /// Bytes behind the last dollar sign, which a hash of one kind has as many of as any other.
    var tailLength: Int { text.reversed().prefix { $0 != PasswordHash.dollar }.count }

    /// The hash of another password with this one's method, cost and salt.
    ///
    /// It takes from a millisecond to a second and, with yescrypt, 16 MB: what the operator has
    /// chosen.
    /// - Returns: nil if libcrypt does not know the method or cannot have the memory.
    func hashing(_ password: [UInt8]) -> PasswordHash? {
        guard !password.contains(0), !text.contains(0) else { return nil }
        var output = [CChar](repeating: 0, count: Int(CS_CRYPT_OUTPUT_BYTES))
        let password = password + [0]
        let setting = text + [0]
        let status = unsafe password.withUnsafeBufferPointer { password in
            unsafe setting.withUnsafeBufferPointer { setting in
                unsafe output.withUnsafeMutableBufferPointer { output in
                    // SAFETY: both texts end with a NUL; the output has the room that is asked for.
                    unsafe password.withMemoryRebound(to: CChar.self) { password in
                        unsafe setting.withMemoryRebound(to: CChar.self) { setting in
                            unsafe cs_crypt(
                                password.baseAddress, setting.baseAddress, output.baseAddress)
                        }
                    }
                }
            }
        }
        guard status == 0 else { return nil }
        return PasswordHash(text: output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
    }

    /// Whether this is the hash of `password`.
    func matches(_ password: [UInt8]) -> Bool {
        guard let other = hashing(password), other.text.count == text.count else { return false }
        var difference: UInt8 = 0
        for position in text.indices { difference |= text[position] ^ other.text[position] }
        return difference == 0
    }
}
