/// Which keys a thread asks for, one after the other, and what is known of each.
///
/// A key is passed around as a reference of 64 bits: its number where keys are generated, the
/// place of the request where they come from a trace.
struct KeySource {
    private enum Kind { case generated, fill, trace }

    private let kind: Kind
    private var chooser: KeyChooser
    private let sizer: ValueSizer
    private let trace: TraceFile?
    private let traceCount: Int
    private let loops: Bool
    private let prefix: [UInt8]
    private let minimumDigits: Int
    /// Where the loading phase is, and in which steps it goes.
    private var fillPosition: UInt64
    private let fillStride: UInt64
    private let fillEnd: UInt64

    /// - Parameter thread: counts from 0; the keys of a loading phase are dealt to the threads.
    init(_ plan: LoadPlan, trace: TraceFile?, thread: Int) {
        chooser = KeyChooser(
            plan.keyDistribution, keySpace: plan.keySpace, seed: plan.seed, thread: thread,
            threads: plan.threads)
        sizer = ValueSizer(plan.valueSizes)
        prefix = Array(plan.keyPrefix.utf8)
        minimumDigits = max(1, plan.keyBytes - plan.keyPrefix.utf8.count)
        fillPosition = UInt64(thread)
        fillStride = UInt64(plan.threads)
        fillEnd = UInt64(plan.keySpace)
        self.trace = trace
        loops = plan.end.afterSeconds != nil
        switch plan.source {
        case .generated: kind = .generated
        case .fill: kind = .fill
        case .trace: kind = .trace
        }
        let count = trace?.count ?? 0
        traceCount = loops ? count : min(count, plan.end.afterRequests ?? count)
    }

    /// The next key; nil when there are no more.
    @inline(__always)
    mutating func next() -> UInt64? {
        switch kind {
        case .generated: return chooser.next()
        case .fill:
            guard fillPosition < fillEnd else { return nil }
            defer { fillPosition &+= fillStride }
            return fillPosition
        case .trace:
            guard let trace else { return nil }
            let place = trace.take()
            if place < traceCount { return UInt64(place) }
            return loops ? UInt64(place % traceCount) : nil
        }
    }

    /// What stands for the key in its value.
    @inline(__always)
    func number(of key: UInt64) -> UInt64 {
        guard kind == .trace, let trace else { return key }
        return trace.keyNumber(of: Int(key))
    }

    /// In bytes.
    @inline(__always)
    func valueBytes(of key: UInt64) -> Int {
        guard kind == .trace, let trace else { return sizer.size(of: key) }
        return trace.valueBytes(of: Int(key)) ?? sizer.size(of: trace.keyNumber(of: Int(key)))
    }

    /// A trace may ask for a key with another size each time.
    var hasOneSizePerKey: Bool {
        kind != .trace || trace?.valueBytes(of: 0) == nil
    }

    @inline(__always)
    func appendKey(_ key: UInt64, to output: inout OutputBuffer) {
        if kind == .trace, let trace {
            if trace.hasTextKeys {
                trace.appendKey(of: Int(key), to: &output)
                return
            }
            output.append(prefix.span)
            output.appendDecimal(trace.keyNumber(of: Int(key)), minimumDigits: minimumDigits)
            return
        }
        output.append(prefix.span)
        output.appendDecimal(key, minimumDigits: minimumDigits)
    }

    /// The number that a key's text stands for; nil if no key has this text.
    func number(ofText text: Span<UInt8>) -> UInt64? {
        if let trace, trace.hasTextKeys { return TraceFile.number(ofText: text) }
        guard text.count > prefix.count, text.count - prefix.count >= minimumDigits else {
            return nil
        }
        for place in prefix.indices where prefix[place] != text[place] { return nil }
        var value: UInt64 = 0
        for place in prefix.count..<text.count {
            let digit = text[place] &- UInt8(ascii: "0")
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            guard digit < 10, !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }
}
