/// incr and decr.
extension Shard {
    /// memcached takes no value for a number that it would have to keep in parts.
    private static let longestCounterBytes = 512 << 10

    mutating func adjust(
        _ key: Span<UInt8>, _ hash: KeyHash, _ direction: CounterDirection, by delta: UInt64,
        _ options: CounterOptions, mayExceed: Bool, at now: Instant
    ) -> CounterResult {
        guard case .hit(let chunk, _) = find(key, hash, at: now) else {
            return makeCounter(key, hash, options, mayExceed: mayExceed, at: now)
        }
        // In memcached's order: no value at all, another CAS, what is no number.
        guard memory[chunk].length > 0 else { return .notNumeric }
        guard options.comparedCAS == 0 || options.comparedCAS == cas(of: memory[chunk]) else {
            return .exists
        }
        guard let before = numericValue(of: chunk) else { return .notNumeric }
        let after: UInt64
        switch direction {
        // memcached's contract: a 64-bit counter that wraps.
        case .increment: after = before &+ delta
        case .decrement: after = before > delta ? before - delta : 0
        }
        let oldExpiry = memory[chunk].expiry
        guard let counter = write(DecimalDigits(after), over: chunk, key, hash, options, at: now)
        else { return .outOfMemory }
        if let expiry = options.expiry {
            memory[counter].expiry = expiry
            noteExpiry(of: counter)
        }
        countHit(direction, counter)
        let cas = cas(of: memory[counter])
        return .value(CounterValue(value: after, cas: cas, oldExpiry: oldExpiry, isNew: false))
    }

    /// Where the counter is now; nil if there is no memory for a longer one.
    private mutating func write(
        _ digits: DecimalDigits, over chunk: ChunkIndex, _ key: Span<UInt8>, _ hash: KeyHash,
        _ options: CounterOptions, at now: Instant
    ) -> ChunkIndex? {
        let old = memory[chunk]
        // Shorter results are padded in storage, as memcached does.
        let keepsLength = digits.count <= old.length
        let length = max(digits.count, old.length)
        // A value in parts may be on its way to a client: it is never written over.
        if keepsLength, !old.isChained {
            guard let counter = renewCAS(of: chunk, to: options.newCAS, key, hash, at: now) else {
                return nil
            }
            writeCounter(of: counter, digits, padTo: length)
            noteAccess(counter, at: now)
            return counter
        }
        let shape = ItemShape(
            keyLength: key.count, flags: old.flags, explicitCAS: options.newCAS,
            valueLength: length, expiry: old.expiry,
            marks: keepsLength ? old.marks : old.marks.intersection(.binaryKey))
        let fetched = keepsLength ? old.bits.intersection(.fetched) : []
        protect(chunk, at: now)
        let made = makeItem(shape, key: key, at: now)
        endProtection()
        guard let fresh = made else { return nil }
        memory[fresh].bits.formUnion(fetched)
        writeCounter(of: fresh, digits, padTo: length)
        guard case .stored = replace(key, hash, with: fresh, at: now) else { return nil }
        return fresh
    }

    private mutating func makeCounter(
        _ key: Span<UInt8>, _ hash: KeyHash, _ options: CounterOptions, mayExceed: Bool,
        at now: Instant
    ) -> CounterResult {
        guard let initial = options.initial else { return .notFound }
        guard reserveEntry(mayExceed: mayExceed) else { return .mustCull }
        defer { releaseEntry() }
        var digits = DecimalDigits(initial.value)
        let shape = ItemShape(
            keyLength: key.count, flags: 0, explicitCAS: options.newCAS,
            valueLength: digits.count, expiry: initial.expiry,
            marks: options.hasBinaryKey ? .binaryKey : [])
        guard let fresh = makeItem(shape, key: key, at: now) else { return .outOfMemory }
        digits.withSpan { writeValue(of: fresh, $0) }
        guard case .stored(let cas, _) = replace(key, hash, with: fresh, at: now) else {
            return .outOfMemory
        }
        return .value(
            CounterValue(value: initial.value, cas: cas, oldExpiry: .never, isNew: true))
    }

    private mutating func countHit(_ direction: CounterDirection, _ chunk: ChunkIndex) {
        let classNumber = Int(sizeClass(of: chunk).rawValue)
        switch direction {
        case .increment: classes[classNumber].incrementHits += 1
        case .decrement: classes[classNumber].decrementHits += 1
        }
    }

    /// The value as strtoull takes it: white space, perhaps a sign, digits, then white space.
    private func numericValue(of chunk: ChunkIndex) -> UInt64? {
        let item = memory[chunk]
        guard item.length <= Shard.longestCounterBytes else { return nil }
        // The first part of a long value has room for any number.
        // SAFETY: bounds-checked slices of the item's own value, under the lock.
        let bytes = unsafe item.isChained ? memory[item.firstPiece].pieceBytes : item.inlineValue
        var position = 0
        func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
        while position < bytes.count, unsafe isSpace(bytes[position]) { position += 1 }
        var isNegative = false
        if position < bytes.count {
            let sign = unsafe bytes[position]
            isNegative = sign == UInt8(ascii: "-")
            if isNegative || sign == UInt8(ascii: "+") { position += 1 }
        }
        var value: UInt64 = 0
        let firstDigit = position
        while position < bytes.count, unsafe (48...57).contains(bytes[position]) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(unsafe bytes[position] - 48))
            if overflow || carry { return nil }
            value = sum
            position += 1
        }
        guard position > firstDigit, !isNegative || value == 0 else { return nil }
        // C's end of string ends a number as well.
        if position < bytes.count, unsafe bytes[position] != 0, unsafe !isSpace(bytes[position]) {
            return nil
        }
        return value
    }

    private func writeCounter(of chunk: ChunkIndex, _ digits: DecimalDigits, padTo length: Int) {
        var digits = digits
        var writer = ValueWriter(memory, chunk)
        digits.withSpan { writer.write($0) }
        let blanks = InlineArray<32, UInt8>(repeating: UInt8(ascii: " "))
        var left = length - digits.count
        while left > 0 {
            writer.write(blanks.span.extracting(0..<min(left, blanks.count)))
            left -= blanks.count
        }
    }
}

/// The decimal digits of a number, without an allocation.
struct DecimalDigits {
    private var digits = InlineArray<20, UInt8>(repeating: 0)
    let count: Int

    init(_ value: UInt64) {
        var reversed = InlineArray<20, UInt8>(repeating: 0)
        var rest = value
        var used = 0
        repeat {
            reversed[used] = UInt8(rest % 10) + UInt8(ascii: "0")
            rest /= 10
            used += 1
        } while rest > 0
        for position in 0..<used { digits[position] = reversed[used - 1 - position] }
        count = used
    }

    mutating func withSpan(_ body: (Span<UInt8>) -> Void) {
        body(digits.span.extracting(0..<count))
    }
}
