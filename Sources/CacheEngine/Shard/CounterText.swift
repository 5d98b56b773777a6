/// Reads a counter's value as strtoull does, however it is cut into parts: white space, perhaps a
/// sign, digits; and then white space, C's end of a string, or nothing.
struct NumberReader {
    private enum Phase { case space, sign, digits, end, fault }

    private var phase = Phase.space
    private var isNegative = false
    private var number: UInt64 = 0

    /// What follows changes nothing.
    var isDone: Bool { phase == .end || phase == .fault }

    /// nil: so far it is no number under 2^64.
    var value: UInt64? {
        guard phase == .digits || phase == .end, !isNegative || number == 0 else { return nil }
        return number
    }

    mutating func read(_ part: UnsafeMutableRawBufferPointer) {
        var position = 0
        // SAFETY: the caller's bytes, read with their bounds checked.
        while position < part.count, !isDone {
            unsafe read(part[position])
            position += 1
        }
    }

    private mutating func read(_ byte: UInt8) {
        let digit = byte &- UInt8(ascii: "0")
        if digit < 10 {
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            number = sum
            phase = overflow || carry ? .fault : .digits
            return
        }
        let isSpace = byte == 32 || (9...13).contains(byte)
        switch phase {
        case .space where isSpace: break
        case .space where byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+"):
            isNegative = byte == UInt8(ascii: "-")
            phase = .sign
        case .digits where isSpace || byte == 0: phase = .end
        default: phase = .fault
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
