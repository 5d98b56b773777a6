/// Parts of the answer to a meta command: a code of two letters, then flags in the request's order.
extension ByteBuffer {
    /// ` <letter><number>`.
    @inline(__always)
    public mutating func appendFlag(_ letter: Unicode.Scalar, _ number: UInt64) {
        appendFlag(letter)
        appendDecimal(number)
    }

    /// ` <letter>`.
    @inline(__always)
    public mutating func appendFlag(_ letter: Unicode.Scalar) {
        append(UInt8(ascii: " "))
        append(UInt8(truncatingIfNeeded: letter.value))
    }

    /// ` t<seconds>`, where nil is no end and told as -1.
    public mutating func appendTTL(_ seconds: Int64?) {
        appendFlag("t")
        guard let seconds else {
            append("-1")
            return
        }
        appendDecimal(UInt64(clamping: seconds))
    }

    /// ` k<key>`; a key that came in base64 goes as such, with a ` b` behind it.
    public mutating func appendKeyFlag(_ key: Span<UInt8>, isBinary: Bool) {
        appendFlag("k")
        if isBinary {
            appendBase64(key)
            appendFlag("b")
        } else {
            append(key)
        }
    }

    /// ` O<token>`, as it came.
    public mutating func appendOpaque(_ token: Span<UInt8>) {
        append(UInt8(ascii: " "))
        append(token)
    }

    /// The flags that tell no more than what was asked: opaque and key.
    public mutating func appendEchoes(
        _ request: MetaRequest, _ bytes: Span<UInt8>, key: Span<UInt8>
    ) {
        guard request.has("O") || request.has("k") else { return }
        var flags = MetaFlags(request.flags)
        while let (letter, token) = flags.next(in: bytes) {
            switch letter {
            case UInt8(ascii: "O"): appendOpaque(bytes[token])
            case UInt8(ascii: "k"): appendKeyFlag(key, isBinary: request.isKeyBinary)
            default: break
            }
        }
    }
}
