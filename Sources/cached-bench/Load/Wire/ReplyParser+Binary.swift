extension ReplyParser {
    /// A reply's header, with the key of a value or the text of an error.
    @inline(__always)
    mutating func binaryReply(_ bytes: Span<UInt8>, _ position: inout Int) -> Event {
        let start = position
        guard bytes[start] == BinaryWire.replyMagic else { return .malformed }
        guard bytes.count &- start >= BinaryWire.headerBytes else { return .incomplete }
        // SAFETY: the header's 24 bytes are there.
        let words = unsafe bytes.withUnsafeBytes { bytes in
            unsafe (
                bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: start &+ 8, as: UInt64.self)
            )
        }
        let first = UInt64(bigEndian: words.0)
        let second = UInt64(bigEndian: words.1)
        reply = BinaryReply(
            opcode: UInt8(truncatingIfNeeded: first >> 48),
            status: UInt16(truncatingIfNeeded: first),
            opaque: UInt32(truncatingIfNeeded: second))
        let keyBytes = Int(first >> 32 & 0xffff)
        let extraBytes = Int(first >> 24 & 0xff)
        let restBytes = Int(second >> 32)
        let dataType = first >> 16 & 0xff
        guard dataType == 0, keyBytes &+ extraBytes <= restBytes else { return .malformed }
        let rest = start &+ BinaryWire.headerBytes
        guard reply.status == BinaryWire.Status.none else {
            return refusal(bytes, &position, rest..<rest &+ restBytes)
        }
        switch reply.opcode {
        case BinaryWire.Opcode.get, BinaryWire.Opcode.quietGet:
            guard keyBytes == 0 else { return .malformed }
        case BinaryWire.Opcode.keyGet, BinaryWire.Opcode.quietKeyGet:
            guard 1...LoadLimits.keyBytesMax ~= keyBytes else { return .malformed }
        case BinaryWire.Opcode.set, BinaryWire.Opcode.noOperation:
            guard restBytes == 0 else { return .malformed }
            position = rest
            return reply.opcode == BinaryWire.Opcode.set ? .stored : .noOperation
        default: return .malformed
        }
        guard extraBytes == BinaryWire.valueExtraBytes else { return .malformed }
        let keyStart = rest &+ extraBytes
        let keyEnd = keyStart &+ keyBytes
        guard bytes.count >= keyEnd else { return .incomplete }
        // SAFETY: the four bytes of the flags end where the key begins.
        let flags = unsafe bytes.withUnsafeBytes { bytes in
            unsafe bytes.loadUnaligned(fromByteOffset: rest, as: UInt32.self)
        }
        position = keyEnd
        let valueBytes = restBytes &- extraBytes &- keyBytes
        beginBody(bytes: valueBytes, lineEndBytes: 0)
        return .value(
            keyStart: keyStart, keyEnd: keyEnd, flags: UInt32(bigEndian: flags), bytes: valueBytes)
    }

    /// A reply whose status says that it was not done. It is short, and waited for as a whole.
    private func refusal(
        _ bytes: Span<UInt8>, _ position: inout Int, _ rest: Range<Int>
    ) -> Event {
        guard rest.count <= BinaryWire.errorBytesMax else { return .malformed }
        guard bytes.count >= rest.upperBound else { return .incomplete }
        position = rest.upperBound
        let isSet = reply.opcode == BinaryWire.Opcode.set
        switch reply.status {
        case BinaryWire.Status.notFound where !isSet: return .miss
        case BinaryWire.Status.notFound, BinaryWire.Status.exists, BinaryWire.Status.notStored:
            return isSet ? .notStored : .malformed
        default: return .error(start: rest.lowerBound, end: rest.upperBound)
        }
    }
}
