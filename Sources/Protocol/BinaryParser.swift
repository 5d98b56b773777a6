/// memcached's binary protocol: bytes to requests.
///
/// The contract is memcached's doc/protocol-binary.xml; where it is silent, what memcached 1.6.45
/// does. Every length is checked against the others, and against what the command may have, before
/// anything is waited for. It never traps, whatever the bytes are, and keeps no state.
public enum BinaryParser {
    /// Parses the request at `start` that has this header, which must not be one that
    /// ``BinaryHeader/refusal`` refuses. A value is not waited for.
    /// - Complexity: O(1).
    public static func parse(
        _ header: BinaryHeader, _ bytes: Span<UInt8>, from start: Int
    ) -> BinaryParseResult {
        guard header.keyLength <= ProtocolLimits.maximumKeyBytes else { return .malformed }
        let body = start + BinaryHeader.byteCount
        guard let opcode = header.tag.opcode else {
            return .request(.unknown(length: header.bodyLength), next: body)
        }
        guard isPossible(opcode, header) else { return .malformed }
        let next = body + header.extrasLength + header.keyLength
        guard bytes.count >= next else { return .incomplete(needed: next - start) }
        let fields = Fields(header: header, bytes: bytes, body: body, next: next)
        return .request(fields.request(opcode), next: next)
    }

    /// The first request's key, if it is a `get` or `set`: something to prefetch with, and no more
    /// than a guess.
    public static func likelyKey(_ bytes: Span<UInt8>) -> ByteRange? {
        guard case .header(let header) = BinaryHeader.parse(bytes, from: 0) else { return nil }
        let start = BinaryHeader.byteCount + header.extrasLength
        let end = start + header.keyLength
        guard header.keyLength <= ProtocolLimits.maximumKeyBytes, end <= bytes.count else {
            return nil
        }
        return ByteRange(start: start, end: end)
    }

    /// Whether a command can have such lengths.
    private static func isPossible(_ opcode: BinaryOpcode, _ header: BinaryHeader) -> Bool {
        let (hasKey, extras) = (header.keyLength > 0, header.extrasLength)
        let hasValue = header.valueLength > 0
        return switch opcode {
        case .get, .getQ, .getK, .getKQ, .delete, .deleteQ: hasKey && extras == 0 && !hasValue
        case .set, .setQ, .add, .addQ, .replace, .replaceQ: hasKey && extras == 8
        case .append, .appendQ, .prepend, .prependQ, .saslAuth, .saslStep: hasKey && extras == 0
        case .increment, .incrementQ, .decrement, .decrementQ: hasKey && extras == 20 && !hasValue
        case .touch, .gat, .gatQ, .gatK, .gatKQ: hasKey && extras == 4 && !hasValue
        case .flush, .flushQ: !hasKey && (extras == 0 || extras == 4) && !hasValue
        case .verbosity: !hasKey && extras == 4 && !hasValue
        case .stat: extras == 0 && !hasValue
        case .noop, .version, .quit, .quitQ, .saslMechanisms: header.bodyLength == 0
        }
    }
}

/// A request whose extras and key are there, and whose lengths fit its command.
private struct Fields: ~Escapable {
    let header: BinaryHeader
    let bytes: Span<UInt8>
    let body: Int
    let next: Int

    @_lifetime(copy bytes)
    init(header: BinaryHeader, bytes: Span<UInt8>, body: Int, next: Int) {
        self.header = header
        self.bytes = bytes
        self.body = body
        self.next = next
    }

    private var key: ByteRange { ByteRange(start: body + header.extrasLength, end: next) }

    private func extra32(_ offset: Int) -> UInt32 {
        NetworkOrder.load(UInt32.self, bytes, at: body + offset)
    }

    private func extra64(_ offset: Int) -> UInt64 {
        NetworkOrder.load(UInt64.self, bytes, at: body + offset)
    }

    func request(_ opcode: BinaryOpcode) -> BinaryRequest {
        switch opcode {
        case .get, .getQ, .getK, .getKQ: .retrieve(key: key, exptime: nil)
        case .gat, .gatQ, .gatK, .gatKQ: .retrieve(key: key, exptime: extra32(0))
        case .touch: .touch(key: key, exptime: extra32(0))
        case .set, .setQ: store(.set)
        case .add, .addQ: store(.add)
        case .replace, .replaceQ: store(.replace)
        case .append, .appendQ: store(.append)
        case .prepend, .prependQ: store(.prepend)
        case .delete, .deleteQ: .delete(key: key, cas: header.cas)
        case .increment, .incrementQ: adjust(isIncrement: true)
        case .decrement, .decrementQ: adjust(isIncrement: false)
        case .flush, .flushQ: .flush(delay: header.extrasLength == 0 ? 0 : extra32(0))
        case .stat: .stat(name: key)
        case .verbosity: .verbosity(level: extra32(0))
        case .noop: .noop
        case .version: .version
        case .quit, .quitQ: .quit
        case .saslMechanisms: .saslMechanisms
        case .saslAuth: .login(mechanism: key, length: header.valueLength, isStep: false)
        case .saslStep: .login(mechanism: key, length: header.valueLength, isStep: true)
        }
    }

    private func store(_ command: StorageCommand) -> BinaryRequest {
        let hasExtras = header.extrasLength > 0
        return .store(
            BinaryStore(
                command: command, key: key, flags: hasExtras ? extra32(0) : 0,
                exptime: hasExtras ? extra32(4) : 0, cas: header.cas, length: header.valueLength))
    }

    private func adjust(isIncrement: Bool) -> BinaryRequest {
        let exptime = extra32(16)
        return .adjust(
            BinaryAdjustment(
                isIncrement: isIncrement, key: key, delta: extra64(0), initial: extra64(8),
                exptime: exptime == .max ? nil : exptime, cas: header.cas))
    }
}
