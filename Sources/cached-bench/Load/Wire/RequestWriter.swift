/// Writes requests of either protocol.
struct RequestWriter {
    private let isMeta: Bool
    private let hasFlags: Bool
    /// Values are told apart by their keys and checked with their flags.
    private let wantsFlags: Bool
    private let wantsKeys: Bool
    private let ttl: UInt64

    init(_ plan: LoadPlan) {
        isMeta = plan.protocolKind == .meta
        hasFlags = plan.setsFlags
        wantsFlags = plan.verifies
        wantsKeys = plan.verifies || plan.lookAside
        ttl = UInt64(max(0, plan.ttlSeconds))
    }

    /// `get k` or `mg k v`.
    @inline(__always)
    func appendGet(_ key: UInt64, _ keys: borrowing KeySource, to output: inout OutputBuffer) {
        if isMeta {
            appendMetaGet(key, keys, isQuiet: false, to: &output)
        } else {
            output.append("get ")
            keys.appendKey(key, to: &output)
            output.append("\r\n")
        }
    }

    /// One key of a get of many. Begins the line of a text get at the first.
    @inline(__always)
    func appendGetPart(
        _ key: UInt64, isFirst: Bool, _ keys: borrowing KeySource, to output: inout OutputBuffer
    ) {
        if isMeta {
            appendMetaGet(key, keys, isQuiet: true, to: &output)
        } else {
            output.append(isFirst ? "get " : " ")
            keys.appendKey(key, to: &output)
        }
    }

    /// Ends a get of many: the meta protocol's no-op is answered after all that is quiet.
    @inline(__always)
    func appendGetEnd(to output: inout OutputBuffer) {
        output.append(isMeta ? "mn\r\n" : "\r\n")
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
        _ key: UInt64, _ keys: borrowing KeySource, _ pattern: borrowing ValuePattern,
        to output: inout OutputBuffer
    ) {
        let number = keys.number(of: key)
        let bytes = keys.valueBytes(of: key)
        let flags = UInt64(hasFlags ? ValuePattern.flags(of: number) : 0)
        output.append(isMeta ? "ms " : "set ")
        keys.appendKey(key, to: &output)
        output.append(UInt8(ascii: " "))
        if isMeta {
            output.appendDecimal(UInt64(bytes))
            output.append(" T")
            output.appendDecimal(ttl)
            output.append(" F")
            output.appendDecimal(flags)
        } else {
            output.appendDecimal(flags)
            output.append(UInt8(ascii: " "))
            output.appendDecimal(ttl)
            output.append(UInt8(ascii: " "))
            output.appendDecimal(UInt64(bytes))
        }
        output.append("\r\n")
        output.appendValue(pattern, key: number, bytes: bytes)
    }
}
