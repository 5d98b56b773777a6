extension ReplyParser {
    /// Replies of one line: all but a value's.
    @inline(__always)
    static func otherLine(_ bytes: Span<UInt8>, _ position: inout Int) -> Event {
        // What nearly every reply is.
        if bytes.count &- position >= 5, bytes[position] == UInt8(ascii: "E"),
            bytes[position &+ 1] == UInt8(ascii: "N"), bytes[position &+ 2] == UInt8(ascii: "D"),
            bytes[position &+ 3] == UInt8(ascii: "\r"), bytes[position &+ 4] == UInt8(ascii: "\n")
        {
            position &+= 5
            return .end
        }
        let start = position
        var cursor = position
        while cursor < bytes.count, bytes[cursor] != UInt8(ascii: "\n") { cursor &+= 1 }
        guard cursor < bytes.count else { return .incomplete }
        guard cursor > start, bytes[cursor &- 1] == UInt8(ascii: "\r") else { return .malformed }
        position = cursor &+ 1
        return meaning(bytes, start, cursor &- 1)
    }

    @inline(__always)
    private static func meaning(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Event {
        guard end &- start >= 2 else { return .malformed }
        // The first two letters tell the meta replies, and what may begin a word.
        let pair = UInt16(bytes[start]) << 8 | UInt16(bytes[start &+ 1])
        switch pair {
        case code("S", "T") where hasWord("STORED", bytes, start, end): return .stored
        case code("H", "D") where isMeta(bytes, start, end): return .stored
        case code("E", "N") where hasWord("END", bytes, start, end): return .end
        case code("E", "N") where isMeta(bytes, start, end): return .miss
        case code("M", "N") where isMeta(bytes, start, end): return .noOperation
        case code("N", "S") where isMeta(bytes, start, end),
            code("N", "F") where isMeta(bytes, start, end),
            code("E", "X") where isMeta(bytes, start, end):
            return .notStored
        default: break
        }
        for word: StaticString in ["NOT_STORED", "EXISTS", "NOT_FOUND"]
        where hasWord(word, bytes, start, end) {
            return .notStored
        }
        for word: StaticString in ["ERROR", "CLIENT_ERROR", "SERVER_ERROR"]
        where hasWord(word, bytes, start, end) {
            return .error(start: start, end: end)
        }
        return .malformed
    }

    private static func code(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> UInt16 {
        UInt16(UInt8(ascii: first)) << 8 | UInt16(UInt8(ascii: second))
    }

    /// A code of two letters stands alone or before flags.
    @inline(__always)
    private static func isMeta(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        end &- start == 2 || bytes[start &+ 2] == UInt8(ascii: " ")
    }

    /// Whether the line's first word is this one.
    @inline(__always)
    private static func hasWord(
        _ word: StaticString, _ bytes: Span<UInt8>, _ start: Int, _ end: Int
    ) -> Bool {
        let length = word.utf8CodeUnitCount
        guard end &- start >= length else { return false }
        if end &- start > length, bytes[start &+ length] != UInt8(ascii: " ") { return false }
        // SAFETY: the word's own bytes.
        return word.withUTF8Buffer { letters in
            for place in 0..<length where unsafe letters[place] != bytes[start &+ place] {
                return false
            }
            return true
        }
    }
}
