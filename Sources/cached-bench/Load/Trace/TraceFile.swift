import Synchronization

/// The requests of a trace, in the order of the file. The threads of a run share it, and its
/// cursor.
final class TraceFile: Sendable {
    private let content: TraceBytes
    private let format: LoadPlan.TraceFormat
    /// For `lines`: where each begins.
    private let starts: [Int]
    /// How many requests there are.
    let count: Int
    private let cursor = Atomic<Int>(0)

    /// The longest key that the protocol has.
    static let keyBytesMax = 250
    /// libCacheSim's record: time (32 bits), object (64), size (32), next access (64); packed, and
    /// the low byte first.
    private static let oracleBytes = 24

    init(path: String, format: LoadPlan.TraceFormat) throws(BenchError) {
        let content = try TraceBytes.load(path)
        self.format = format
        switch format {
        case .u32be, .oracleGeneral:
            let record = format == .u32be ? 4 : Self.oracleBytes
            starts = []
            count = content.count / record
            guard content.count % record == 0 else {
                throw BenchError(
                    "the trace \(path) has \(content.count) bytes, which is no multiple of the "
                        + "\(record) of a \(format.rawValue) record")
            }
        case .lines:
            starts = try content.withBytes { bytes throws(BenchError) in
                try Self.lines(of: bytes, path)
            }
            count = starts.count
        }
        guard count > 0 else { throw BenchError("the trace \(path) is empty") }
        self.content = content
    }

    /// The next request's number, which may be past the end.
    func take() -> Int { cursor.wrappingAdd(1, ordering: .relaxed).oldValue }

    private static func lines(
        of bytes: Span<UInt8>, _ path: String
    ) throws(BenchError) -> [Int] {
        var starts: [Int] = []
        var start = 0
        var number = 0
        while start < bytes.count {
            number += 1
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
            if let fault = fault(in: bytes.extracting(start..<end)) {
                throw BenchError("line \(number) of the trace \(path) \(fault)")
            }
            if end > start { starts.append(start) }
            start = end + 1
        }
        return starts
    }

    /// What is wrong with a line; an empty one is passed over.
    private static func fault(in line: Span<UInt8>) -> String? {
        guard !line.isEmpty else { return nil }
        let key = keyLength(line, 0)
        guard key >= 1, key <= keyBytesMax else {
            return "has a key of \(key) bytes; 1 to \(keyBytesMax) are allowed"
        }
        for place in 0..<key where line[place] <= UInt8(ascii: " ") || line[place] == 127 {
            return "has a blank or a control character in its key"
        }
        let rest = line.count - key
        if rest > 0, line[line.count - 1] == UInt8(ascii: "\r") {
            return "ends with a carriage return"
        }
        if rest == 0 || size(line, key) != nil { return nil }
        return "has no size from 0 to \(LoadLimits.valueBytesMax) behind the comma"
    }

    private static func keyLength(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: ","), bytes[end] != UInt8(ascii: "\n") {
            end += 1
        }
        return end - start
    }

    /// The number behind the comma at `comma`, if there is one and it is allowed.
    private static func size(_ bytes: Span<UInt8>, _ comma: Int) -> Int? {
        guard comma < bytes.count, bytes[comma] == UInt8(ascii: ",") else { return nil }
        var value = 0
        var place = comma + 1
        while place < bytes.count, bytes[place] != UInt8(ascii: "\n") {
            let digit = bytes[place] &- UInt8(ascii: "0")
            guard digit < 10, value <= LoadLimits.valueBytesMax else { return nil }
            value = value * 10 + Int(digit)
            place += 1
        }
        return place > comma + 1 && value <= LoadLimits.valueBytesMax ? value : nil
    }
}

extension TraceFile {
    /// Keys are texts of their own, and not numbers.
    var hasTextKeys: Bool { format == .lines }

    /// A number that stands for the key of a request. A text's is a hash of it.
    func keyNumber(of request: Int) -> UInt64 {
        content.withBytes { bytes in
            switch format {
            case .u32be: return UInt64(Self.bigEndian32(bytes, request * 4))
            case .oracleGeneral:
                return Self.littleEndian(bytes, request * Self.oracleBytes + 4, 8)
            case .lines:
                let start = starts[request]
                return Self.number(
                    ofText: bytes.extracting(start..<start + Self.keyLength(bytes, start)))
            }
        }
    }

    /// The size of a request's value; nil if the trace does not say.
    func valueBytes(of request: Int) -> Int? {
        content.withBytes { bytes in
            switch format {
            case .u32be: return nil
            case .oracleGeneral:
                let size = Self.littleEndian(bytes, request * Self.oracleBytes + 12, 4)
                return min(Int(size), LoadLimits.valueBytesMax)
            case .lines:
                let start = starts[request]
                return Self.size(bytes, start + Self.keyLength(bytes, start))
            }
        }
    }

    /// Appends a text key. Only where `hasTextKeys`.
    func appendKey(of request: Int, to output: inout OutputBuffer) {
        let start = starts[request]
        content.withBytes { bytes in
            output.append(bytes.extracting(start..<start + Self.keyLength(bytes, start)))
        }
    }

    /// FNV-1a with SplitMix64's finish.
    static func number(ofText text: Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for place in text.indices { hash = (hash ^ UInt64(text[place])) &* 0x100_0000_01b3 }
        return RandomNumbers.mix(hash)
    }

    private static func bigEndian32(_ bytes: Span<UInt8>, _ start: Int) -> UInt32 {
        var value: UInt32 = 0
        for place in start..<start + 4 { value = value << 8 | UInt32(bytes[place]) }
        return value
    }

    private static func littleEndian(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for place in (start..<start + count).reversed() {
            value = value << 8 | UInt64(bytes[place])
        }
        return value
    }
}
