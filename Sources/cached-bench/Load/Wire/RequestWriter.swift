/// Writes requests of each protocol. Those of the binary one carry an opaque, with which they are
/// answered; the others have no use for it.
struct RequestWriter {
    private let kind: LoadPlan.ProtocolKind
    private let hasFlags: Bool
    /// Values are checked with their flags and keys.
    private let wantsFlags: Bool
    private let wantsKeys: Bool
    /// Binary values are told apart by the opaque, so their keys are only wanted to be checked.
    let returnsKeys: Bool
    /// Seconds.
    let ttl: UInt64

    init(_ plan: LoadPlan) {
        kind = plan.protocolKind
        hasFlags = plan.setsFlags
        wantsFlags = plan.verifies
        wantsKeys = plan.verifies || plan.lookAside
        returnsKeys = plan.verifies
        ttl = UInt64(max(0, plan.ttlSeconds))
    }

    /// `get k` or `mg k v`.
    @inline(__always)
    func appendGet(
        _ key: UInt64, opaque: UInt32, _ keys: borrowing KeySource, to output: inout OutputBuffer
    ) {
        switch kind {
        case .text:
            output.append("get ")
            keys.appendKey(key, to: &output)
            output.append("\r\n")
        case .meta: appendMetaGet(key, keys, isQuiet: false, to: &output)
        case .binary: appendBinaryGet(binaryGet, key, opaque: opaque, keys, to: &output)
        }
    }

    /// One key of a get of many. Begins the line of a text get at the first.
    @inline(__always)
    func appendGetPart(
        _ key: UInt64, isFirst: Bool, opaque: UInt32, _ keys: borrowing KeySource,
        to output: inout OutputBuffer
    ) {
        switch kind {
        case .text:
            output.append(isFirst ? "get " : " ")
            keys.appendKey(key, to: &output)
        case .meta: appendMetaGet(key, keys, isQuiet: true, to: &output)
        case .binary: appendBinaryGet(binaryQuietGet, key, opaque: opaque, keys, to: &output)
        }
    }

    /// Ends a get of many: a no-op is answered after all that is quiet.
    @inline(__always)
    func appendGetEnd(opaque: UInt32, to output: inout OutputBuffer) {
        switch kind {
        case .text: output.append("\r\n")
        case .meta: output.append("mn\r\n")
        case .binary: appendBinaryNoOperation(opaque: opaque, to: &output)
        }
    }

    @inline(__always)
    private func appendMetaGet(
        _ key: UInt64, _ keys: borrowing KeySource, isQuiet: Bool, to output: inout OutputBuffer
    ) {
        output.append("mg ")
        keys.appendKey(key, to: &output)
        output.append(" v")
        if wantsFlags { output.append(" f") }
        if wantsKeys { output.append(" k") }
        if isQuiet { output.append(" q") }
        output.append("\r\n")
    }

    @inline(__always)
    func appendSet(
        _ key: UInt64, opaque: UInt32, _ keys: borrowing KeySource,
        _ pattern: borrowing ValuePattern, to output: inout OutputBuffer
    ) {
        if kind == .binary {
            return appendBinarySet(key, opaque: opaque, keys, pattern, to: &output)
        }
        let number = keys.number(of: key)
        let bytes = keys.valueBytes(of: key)
        output.append(kind == .meta ? "ms " : "set ")
        keys.appendKey(key, to: &output)
        output.append(UInt8(ascii: " "))
        if kind == .meta {
            output.appendDecimal(UInt64(bytes))
            output.append(" T")
            output.appendDecimal(ttl)
            output.append(" F")
            output.appendDecimal(flags(of: number))
        } else {
            output.appendDecimal(flags(of: number))
            output.append(UInt8(ascii: " "))
            output.appendDecimal(ttl)
            output.append(UInt8(ascii: " "))
            output.appendDecimal(UInt64(bytes))
        }
        output.append("\r\n")
        output.appendValue(pattern, key: number, bytes: bytes)
        output.append("\r\n")
    }

    /// The client flags that go with a key's value.
    ///
    /// - Parameter number: as `KeySource.number` has it.
    @inline(__always)
    func flags(of number: UInt64) -> UInt64 {
        UInt64(hasFlags ? ValuePattern.flags(of: number) : 0)
    }
}
