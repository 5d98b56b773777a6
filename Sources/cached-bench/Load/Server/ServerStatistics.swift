import Glibc
import SystemCalls

/// Asks a server for its `stats`, on a connection of its own.
enum ServerStatistics {
    private static let answerMsMax: Int32 = 5000
    private static let answerBytesMax = 1 << 20

    /// Names and values; empty if the server has none.
    static func ask(_ address: ServerAddress) throws(BenchError) -> [String: String] {
        let socket = try address.connect()
        let request: [UInt8] = Array("stats\r\n".utf8)
        guard case .bytes(request.count) = socket.send(request.span) else { return [:] }
        var answer: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16 << 10)
        while answer.count < answerBytesMax, !isComplete(answer) {
            var entry = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
            let ready = unsafe poll(&entry, 1, answerMsMax)
            if ready < 0, Errno.last.isInterruption { continue }
            guard ready > 0 else {
                throw BenchError(
                    "\(address.name) did not answer to stats in \(answerMsMax / 1000) s")
            }
            let received = unsafe part.withUnsafeMutableBytes { unsafe socket.receive(into: $0) }
            switch received {
            case .bytes(let count): answer += part[..<count]
            case .wouldBlock: continue
            case .endOfStream, .failed: return read(answer)
            }
        }
        return read(answer)
    }

    private static func isComplete(_ answer: [UInt8]) -> Bool {
        let text = answer.suffix(7)
        return text.elementsEqual("\r\nEND\r\n".utf8) || answer.elementsEqual("END\r\n".utf8)
            || (answer.last == UInt8(ascii: "\n") && !answer.starts(with: "STAT ".utf8))
    }

    private static func read(_ answer: [UInt8]) -> [String: String] {
        var values: [String: String] = [:]
        for line in answer.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
            guard words.count == 3, words[0].elementsEqual("STAT".utf8) else { continue }
            let value = words[2].last == UInt8(ascii: "\r") ? words[2].dropLast() : words[2]
            values[String(decoding: words[1], as: UTF8.self)] = String(
                decoding: value, as: UTF8.self)
        }
        return values
    }
}
