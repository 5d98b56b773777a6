/// A binary reply says itself what it answers: by its opcode, and by its opaque, which is the
/// number of the key on its connection.
extension Lane {
    /// Whether the reply that is being read answers the first request.
    @inline(__always)
    func isAnswered(_ request: PendingRequest, _ connection: inout LoadConnection) -> Bool {
        let reply = connection.parser.reply
        let place = reply.opaque &- connection.underWay.firstKeyNumber
        if request.isSet { return reply.opcode == BinaryWire.Opcode.set && place == 0 }
        if keysPerGet == 1 { return reply.opcode == writer.binaryGet && place == 0 }
        if reply.opcode == BinaryWire.Opcode.noOperation {
            return place == request.keyCount &- 1
        }
        return reply.opcode == writer.binaryQuietGet && place < request.keyCount
    }

    /// Takes a value for that of the key whose number it has.
    ///
    /// - Returns: false if it is behind one that stands after it in the request, or comes twice.
    @inline(__always)
    mutating func matchOpaque(
        _ text: Range<Int>, flags: UInt32, bytes: Int, _ connection: inout LoadConnection
    ) -> Bool {
        // Below the request's number of keys: it was asked before whether this is an answer.
        let place = Int(connection.parser.reply.opaque &- connection.underWay.firstKeyNumber)
        guard place >= connection.keyPlace else { return false }
        connection.keyPlace = place &+ 1
        connection.underWay.setFound(place)
        if verifies {
            let asked = keys.number(of: connection.underWay.key(place))
            let isRight = keys.number(ofText: input.bytes.extracting(text)) == asked
            beginValue(
                of: isRight ? place : nil, text, flags: flags, bytes: bytes, &connection)
        }
        return true
    }

    /// An error as a message shows it.
    func refusal(_ text: Range<Int>, _ reply: BinaryReply) -> String {
        let status = String(reply.status, radix: 16)
        let shown = "status 0x" + String(repeating: "0", count: 4 - status.utf8.count) + status
        return text.isEmpty ? shown : "\(shown), \(self.text(text))"
    }

    /// The bytes of a header, or of what there is of it, in hexadecimal.
    func header(at start: Int) -> String {
        let bytes = input.bytes
        var text = ""
        for place in start..<min(bytes.count, start + BinaryWire.headerBytes) {
            text += (bytes[place] < 16 ? "0" : "") + String(bytes[place], radix: 16)
        }
        return text
    }
}
