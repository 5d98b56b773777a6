/// The binary protocol's requests.
extension RequestWriter {
    /// What a get of one key is sent as.
    var binaryGet: UInt8 {
        returnsKeys ? BinaryWire.Opcode.keyGet : BinaryWire.Opcode.get
    }

    /// What each key of a get of many is sent as.
    var binaryQuietGet: UInt8 {
        returnsKeys ? BinaryWire.Opcode.quietKeyGet : BinaryWire.Opcode.quietGet
    }

    @inline(__always)
    func appendBinaryGet(
        _ opcode: UInt8, _ key: UInt64, opaque: UInt32, _ keys: borrowing KeySource,
        to output: inout OutputBuffer
    ) {
        let start = appendHeaderSpace(to: &output)
        keys.appendKey(key, to: &output)
        let keyBytes = output.count &- start &- BinaryWire.headerBytes
        writeHeader(opcode, at: start, keyBytes: keyBytes, extraBytes: 0, opaque, &output)
    }

    @inline(__always)
    func appendBinaryNoOperation(opaque: UInt32, to output: inout OutputBuffer) {
        let start = appendHeaderSpace(to: &output)
        writeHeader(
            BinaryWire.Opcode.noOperation, at: start, keyBytes: 0, extraBytes: 0, opaque, &output)
    }

    @inline(__always)
    func appendBinarySet(
        _ key: UInt64, opaque: UInt32, _ keys: borrowing KeySource,
        _ pattern: borrowing ValuePattern, to output: inout OutputBuffer
    ) {
        let number = keys.number(of: key)
        let start = appendHeaderSpace(to: &output)
        // The flags, and then the seconds: at most 2^31.
        output.appendBigEndian(flags(of: number) << 32 | ttl)
        let keyStart = output.count
        keys.appendKey(key, to: &output)
        let keyBytes = output.count &- keyStart
        output.appendValue(pattern, key: number, bytes: keys.valueBytes(of: key))
        writeHeader(
            BinaryWire.Opcode.set, at: start, keyBytes: keyBytes,
            extraBytes: BinaryWire.setExtraBytes, opaque, &output)
    }

    /// A header's place: it is written when the length of what follows is known.
    ///
    /// - Returns: where it begins.
    @inline(__always)
    private func appendHeaderSpace(to output: inout OutputBuffer) -> Int {
        let start = output.count
        for _ in 0..<BinaryWire.headerBytes / 8 { output.appendBigEndian(0) }
        return start
    }

    /// Writes the header of the last request; its CAS stays 0.
    ///
    /// - Parameter keyBytes: up to `LoadLimits.keyBytesMax`.
    @inline(__always)
    private func writeHeader(
        _ opcode: UInt8, at start: Int, keyBytes: Int, extraBytes: Int, _ opaque: UInt32,
        _ output: inout OutputBuffer
    ) {
        // Values have up to 2^28 bytes, so this fits in 32 bits.
        let rest = UInt64(output.count &- start &- BinaryWire.headerBytes)
        output.writeBigEndian(
            UInt64(BinaryWire.requestMagic) << 56 | UInt64(opcode) << 48 | UInt64(keyBytes) << 32
                | UInt64(extraBytes) << 24, at: start)
        output.writeBigEndian(rest << 32 | UInt64(opaque), at: start &+ 8)
    }
}
