/// The binary protocol of the floor server: gets, sets and the no-op. A request is one of it if it
/// begins with its magic byte, which begins no command of the text protocol.
extension FloorWorker {
    /// What a binary request says of itself.
    struct BinaryRequest {
        let opcode: UInt8
        let keyBytes: Int
        let extraBytes: Int
        let restBytes: Int
        /// As it came, and as it goes back.
        let opaque: UInt32

        /// From a whole header, wherever it lies.
        init(_ header: UnsafeRawPointer) {
            opcode = unsafe header.load(fromByteOffset: 1, as: UInt8.self)
            keyBytes = unsafe Int(
                UInt16(bigEndian: header.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
            extraBytes = unsafe Int(header.load(fromByteOffset: 4, as: UInt8.self))
            restBytes = unsafe Int(
                UInt32(bigEndian: header.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
            opaque = unsafe header.loadUnaligned(fromByteOffset: 12, as: UInt32.self)
        }
    }

    mutating func executeBinary(
        _ descriptor: Int32, _ connection: inout FloorConnection, _ start: Int, _ end: Int
    ) -> Step {
        guard end - start >= BinaryWire.headerBytes else { return .wait(start) }
        // SAFETY: the header is there.
        let request = unsafe BinaryRequest(UnsafeRawPointer(input + start))
        let next = start + BinaryWire.headerBytes
        switch request.opcode {
        case BinaryWire.Opcode.get, BinaryWire.Opcode.quietGet,
            BinaryWire.Opcode.keyGet, BinaryWire.Opcode.quietKeyGet:
            return answerBinaryGet(descriptor, &connection, request, start, end)
        case BinaryWire.Opcode.set, BinaryWire.Opcode.quietSet:
            let before = BinaryWire.setExtraBytes + request.keyBytes
            guard request.extraBytes == BinaryWire.setExtraBytes,
                1...FloorWorker.keyBytesMax ~= request.keyBytes,
                before...FloorWorker.dataBytesMax ~= request.restBytes
            else { return .close }
            connection.stage = .data
            connection.dataBytesLeft = request.restBytes
            connection.dataReply =
                request.opcode == BinaryWire.Opcode.set ? .binary(opaque: request.opaque) : .none
        case BinaryWire.Opcode.noOperation:
            guard request.restBytes == 0 else { return .close }
            appendBinaryHeader(request.opcode, opaque: request.opaque)
        default: return .close
        }
        return .next(next)
    }

    private mutating func answerBinaryGet(
        _ descriptor: Int32, _ connection: inout FloorConnection, _ request: BinaryRequest,
        _ start: Int, _ end: Int
    ) -> Step {
        let keyBytes = request.keyBytes
        guard request.extraBytes == 0, 1...FloorWorker.keyBytesMax ~= keyBytes,
            request.restBytes == keyBytes
        else { return .close }
        let key = start + BinaryWire.headerBytes
        guard end - key >= keyBytes else { return .wait(start) }
        let room = FloorWorker.replyBytesMax + (value.isCopied ? value.valueBytes : 0)
        guard hasRoom(descriptor, &connection, room) else {
            return connection.isBlocked ? .wait(start) : .close
        }
        let hasKey =
            request.opcode == BinaryWire.Opcode.keyGet
            || request.opcode == BinaryWire.Opcode.quietKeyGet
        let shownBytes = hasKey ? keyBytes : 0
        appendBinaryHeader(
            request.opcode, opaque: request.opaque, keyBytes: shownBytes,
            extraBytes: BinaryWire.valueExtraBytes,
            restBytes: BinaryWire.valueExtraBytes + shownBytes + value.valueBytes)
        // The flags are 0.
        appendWord(UInt32(0))
        unsafe append(input + key, shownBytes)
        guard appendValue(descriptor, &connection, value.binaryTail) else {
            return connection.isBlocked ? .wait(key + keyBytes) : .close
        }
        return .next(key + keyBytes)
    }

    /// A reply's header: done, and a CAS of 0. The caller has made room for it.
    mutating func appendBinaryHeader(
        _ opcode: UInt8, opaque: UInt32, keyBytes: Int = 0, extraBytes: Int = 0,
        restBytes: Int = 0
    ) {
        let lengths = UInt64(keyBytes) << 32 | UInt64(extraBytes) << 24
        let first = UInt64(BinaryWire.replyMagic) << 56 | UInt64(opcode) << 48 | lengths
        appendWord(first.bigEndian)
        appendWord(UInt32(truncatingIfNeeded: restBytes).bigEndian)
        appendWord(opaque)
        appendWord(UInt64(0))
    }

    private mutating func appendWord<Word: FixedWidthInteger & BitwiseCopyable>(_ word: Word) {
        unsafe UnsafeMutableRawPointer(output + outputCount).storeBytes(of: word, as: Word.self)
        outputCount += MemoryLayout<Word>.size
    }
}
