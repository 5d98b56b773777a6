import CacheEngine
import Glibc
import Protocol
import SystemCalls

/// Replies on their way to a socket: bytes, and between them large values that are sent from
/// where they lie in the cache.
struct OutputQueue: ~Copyable {
    /// A value that goes out when the bytes before `offset` are out.
    private struct LargeValue {
        var offset: Int
        var reader: CacheEngine.LargeReader
        var remaining: Int
    }

    var bytes: ByteBuffer
    /// How many of `bytes` are out.
    private var sent = 0
    private var values: [LargeValue] = []
    private var firstValue = 0
    private var valueBytes = 0

    init(capacity: Int) { bytes = ByteBuffer(capacity: capacity) }

    var isEmpty: Bool { sent == bytes.count && firstValue == values.count }

    /// Bytes that are waiting, large values included.
    var count: Int { bytes.count - sent + valueBytes }

    /// Takes over a held value; the queue releases it when it is out.
    mutating func append(_ reader: CacheEngine.LargeReader, length: Int) {
        values.append(LargeValue(offset: bytes.count, reader: reader, remaining: length))
        valueBytes += length
    }

    /// Appends a found item: `VALUE <key> <flags> <bytes>[ <cas>]`, the value, and its line ending.
    @inline(__always)
    mutating func append(
        _ item: borrowing ItemView, key: Span<UInt8>, cas: UInt64?, _ engine: CacheEngine
    ) {
        let length = item.valueLength
        if !item.isChained {
            bytes.appendValue(key: key, flags: item.flags, value: item.inlineValue, cas: cas)
            return
        }
        bytes.appendValueLine(key: key, flags: item.flags, length: length, cas: cas)
        appendValue(of: item, engine)
    }

    /// Appends a found item's value and its line ending.
    @inline(__always)
    mutating func appendValue(of item: borrowing ItemView, _ engine: CacheEngine) {
        appendBareValue(of: item, engine)
        bytes.append(TextReply.lineEnd)
    }

    @inline(__always)
    private mutating func appendBareValue(of item: borrowing ItemView, _ engine: CacheEngine) {
        if !item.isChained {
            bytes.append(item.inlineValue)
        } else if item.valueLength < ServerLimits.zeroCopyBytes {
            item.forEachPart { bytes.append($0) }
        } else {
            append(engine.reader(of: item.hold()), length: item.valueLength)
        }
    }

    /// Appends a found item as the binary protocol has it: flags, the key unless it is empty, the
    /// value.
    mutating func append(
        _ item: borrowing ItemView, to tag: BinaryTag, key: Span<UInt8>, cas: UInt64,
        _ engine: CacheEngine
    ) {
        bytes.appendBinaryValueStart(
            tag, key: key, flags: item.flags, length: item.valueLength, cas: cas)
        appendBareValue(of: item, engine)
    }

    enum Outcome {
        case complete
        case blocked
        case failed(Errno)
    }

    /// Sends as much as the socket takes. `written` counts the bytes.
    mutating func send(
        to socket: inout Transport, _ engine: CacheEngine, written: inout UInt64
    ) -> Outcome {
        while !isEmpty {
            let result: FileDescriptor.Sent
            if firstValue == values.count {
                result = socket.send(bytes.bytes.extracting(sent..<bytes.count))
            } else {
                result = sendVectors(to: &socket, engine)
            }
            switch result {
            case .bytes(let count):
                written &+= UInt64(count)
                advance(count, engine)
            case .wouldBlock: return .blocked
            case .failed(let error): return .failed(error)
            }
        }
        removeAll()
        return .complete
    }

    private func sendVectors(
        to socket: inout Transport, _ engine: CacheEngine
    ) -> FileDescriptor.Sent {
        unsafe withUnsafeTemporaryAllocation(
            of: iovec.self, capacity: ServerLimits.sendVectors
        ) { vectors in
            var used = 0
            // SAFETY: `used` stays under the capacity; the bytes are this queue's, and held items'.
            func add(_ part: Span<UInt8>) -> Bool {
                guard used < ServerLimits.sendVectors else { return false }
                unsafe part.withUnsafeBytes { raw in
                    unsafe vectors[used] = iovec(
                        iov_base: UnsafeMutableRawPointer(mutating: raw.baseAddress),
                        iov_len: raw.count)
                }
                used += 1
                return true
            }
            var position = sent
            var hasRoom = true
            for value in values[firstValue...] where hasRoom {
                if value.offset > position {
                    hasRoom = add(bytes.bytes.extracting(position..<value.offset))
                    position = value.offset
                }
                if hasRoom {
                    engine.forEachPart(of: value.reader) { part in
                        hasRoom = add(part)
                        return hasRoom
                    }
                }
            }
            if hasRoom, position < bytes.count {
                _ = add(bytes.bytes.extracting(position..<bytes.count))
            }
            guard let start = vectors.baseAddress else { return .bytes(0) }
            return unsafe socket.send(start, count: used)
        }
    }

    private mutating func advance(_ count: Int, _ engine: CacheEngine) {
        var left = count
        while left > 0 || (firstValue < values.count && values[firstValue].remaining == 0) {
            guard firstValue < values.count else {
                sent += left
                return
            }
            let before = min(left, values[firstValue].offset - sent)
            sent += before
            left -= before
            guard sent == values[firstValue].offset else { return }
            let part = min(left, values[firstValue].remaining)
            engine.advance(&values[firstValue].reader, by: part)
            values[firstValue].remaining -= part
            valueBytes -= part
            left -= part
            guard values[firstValue].remaining == 0 else { return }
            engine.release(values[firstValue].reader.item)
            firstValue += 1
        }
    }

    private mutating func removeAll() {
        bytes.removeAll()
        sent = 0
        values.removeAll(keepingCapacity: true)
        firstValue = 0
        valueBytes = 0
    }

    /// Gives back what a long reply has made an empty queue grow to.
    mutating func shrink(to capacity: Int) {
        if isEmpty, bytes.capacity > 2 * capacity { bytes = ByteBuffer(capacity: capacity) }
    }

    /// Takes what is left out of this queue, into one that has room for just that.
    mutating func takeRest() -> OutputQueue {
        var rest = OutputQueue(capacity: bytes.count - sent)
        rest.bytes.append(bytes.bytes.extracting(sent..<bytes.count))
        for var value in values[firstValue...] {
            value.offset -= sent
            rest.values.append(value)
        }
        rest.valueBytes = valueBytes
        removeAll()
        return rest
    }

    /// Gives up everything, of a connection that ends.
    mutating func abandon(_ engine: CacheEngine) {
        for value in values[firstValue...] { engine.release(value.reader.item) }
        removeAll()
    }
}
