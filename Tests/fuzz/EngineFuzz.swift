// Compiled into the module CacheEngine by run.sh, not by SwiftPM.

/// Runs what libFuzzer gives as a sequence of commands against an engine of one MiB.
///
/// A fault is a trap, an address error (free chunks are poisoned), a value that nobody stored, or
/// an invariant that doesn't hold at the end.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzEngine(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var run = FuzzRun(Array(UnsafeBufferPointer(start: start, count: count)))
    run.run()
    return 0
}

struct FuzzRun {
    let input: [UInt8]
    var position = 0
    let engine: CacheEngine
    var nowMs: UInt64 = 10_000
    var now: Instant { Instant(milliseconds: nowMs) }
    var writers: [(writer: CacheEngine.LargeWriter, rest: Int)] = []
    var held: [(item: LargeItem, key: UInt8, length: Int)] = []
    var pass = CacheEngine.MaintenancePass()

    static let keys: UInt8 = 24
    static let longest = 70_000

    init(_ input: [UInt8]) {
        self.input = input
        var configuration = EngineConfiguration(memoryLimitBytes: 1 << 20, hashSeed: (1, 2))
        configuration.reservedBytes = 4 << 20
        configuration.shards = 1
        let first = input.first ?? 0
        if first & 1 != 0 { configuration.maximumEntries = 1 + Int(first >> 4 & 7) }
        configuration.cullFrequency = Int(first >> 1) & 3
        configuration.evicts = first & 8 == 0
        // Not a bit of the number of entries, of which 1 to 8 are as good as 1 to 16.
        configuration.eviction = first & 128 == 0 ? .lru : .s3fifo
        guard let engine = try? CacheEngine(configuration) else { fatalError("no engine") }
        self.engine = engine
    }

    mutating func byte() -> UInt8 {
        guard position < input.count else { return 0 }
        position += 1
        return input[position - 1]
    }

    /// From 0 to `longest`; small ones are likelier.
    mutating func length() -> Int {
        let (kind, low) = (byte(), Int(byte()))
        return min(FuzzRun.longest, low << Int(kind % 11))
    }

    mutating func run() {
        position = 1
        while position < input.count { step() }
        for writer in writers { engine.abandon(writer.writer) }
        for value in held { engine.release(value.item) }
        let invariants = InvariantCheck(engine)
        invariants.isWithinLimit = false
        let violations = invariants.run()
        precondition(violations.isEmpty, violations.joined(separator: "; "))
        for key in 0..<FuzzRun.keys {
            _ = engine.delete([key].span, engine.hash([key].span), at: now)
        }
        let left = engine.statistics(at: now)
        precondition(left.items == 0 && left.bytes == 0, "\(left.items) items are left")
    }

    mutating func step() {
        let operation = byte()
        let key = byte() % FuzzRun.keys
        switch operation % 27 {
        case 0..<4: store(key, .set)
        case 4: store(key, .add)
        case 5: store(key, .replace)
        case 6: store(key, .append)
        case 7: store(key, .prepend)
        case 8, 9: get(key, touch: nil)
        case 10: get(key, touch: expiry())
        case 11: delete(key)
        case 12: adjust(key)
        case 13: begin(key)
        case 14: fill()
        case 15: endLarge()
        case 16: release()
        case 17:
            nowMs += UInt64(byte()) * 20
            engine.advance(to: now)
        case 18: _ = engine.maintain(&pass, at: now)
        case 19: rare()
        case 20: metaGet(key)
        case 21: metaDelete(key)
        case 22: metaAdjust(key)
        case 23: metaStore(key)
        case 24: beginMeta(key)
        case 25: inspect(key)
        default: restartSequence()
        }
    }

    mutating func rare() {
        switch byte() % 5 {
        case 0: engine.flush()
        case 1: engine.flush(at: Instant(milliseconds: nowMs + UInt64(byte()) * 20))
        case 2: _ = engine.setMemoryLimit(bytes: 1 << 20 + Int(byte()) << 13)
        case 3: engine.charge(bytes: 0)
        default: _ = engine.statistics(at: now)
        }
    }

    mutating func expiry() -> Expiry {
        let seconds = Int64(byte())
        return seconds > 100 ? .never : .after(seconds: seconds - 2, from: now)
    }

    /// Every byte of a value is its key, so that whatever it is made of, it can be told.
    mutating func store(_ key: UInt8, _ mode: StoreMode) {
        let value = [UInt8](repeating: FuzzRun.content(key), count: length())
        store(key, value, StoreOptions(mode: mode, flags: UInt32(byte() & 1), expiry: expiry()))
    }

    func store(_ key: UInt8, _ value: [UInt8], _ options: StoreOptions) {
        var mayExceed = false
        while true {
            let result = engine.store(
                options, key: [key].span, engine.hash([key].span), value: value.span,
                mayExceed: mayExceed, at: now)
            guard result == .mustCull else { return }
            mayExceed = engine.cull(3, at: now) == .nothingToDrop
        }
    }

    /// Half of the keys hold digits, so that incr and decr have something to do.
    static func content(_ key: UInt8) -> UInt8 { key % 2 == 0 ? 49 + key % 8 : 100 + key }

    mutating func get(_ key: UInt8, touch: Expiry?) {
        let wantsHold = byte() & 1 == 1 && held.count < 4
        var holding: LargeItem?
        var length = 0
        _ = engine.retrieve([key].span, engine.hash([key].span), touch: touch, at: now) { view in
            length = view.valueLength
            if view.isChained {
                view.forEachPart { FuzzRun.check($0, key) }
                if wantsHold { holding = view.hold() }
            } else {
                FuzzRun.check(view.inlineValue, key)
            }
        }
        if let holding { held.append((holding, key, length)) }
    }

    static func check(_ part: Span<UInt8>, _ key: UInt8) {
        for position in part.indices {
            let byte = part[position]
            let isDigit = key % 2 == 0 && (byte == 32 || (48...57).contains(byte))
            precondition(isDigit || byte == content(key), "a byte that nobody stored")
        }
    }

    mutating func delete(_ key: UInt8) {
        _ = engine.delete([key].span, engine.hash([key].span), at: now)
    }

    mutating func adjust(_ key: UInt8) {
        let delta = UInt64(byte()) << UInt64(byte() % 57)
        _ = engine.adjust(
            [key].span, engine.hash([key].span), byte() & 1 == 0 ? .increment : .decrement,
            by: delta, at: now)
    }

    mutating func begin(_ key: UInt8) {
        let length = length()
        let modes: [StoreMode] = [.set, .add, .append, .prepend, .replace]
        begin(
            key, length,
            StoreOptions(mode: modes[Int(byte()) % modes.count], expiry: expiry()))
    }

    mutating func begin(_ key: UInt8, _ length: Int, _ options: StoreOptions) {
        guard writers.count < 3 else { return }
        let length = max(CacheEngine.largeValueBytes, length)
        let writer = engine.begin(
            options, key: [key].span, engine.hash([key].span), valueLength: length, at: now)
        if let writer { writers.append((writer, length)) }
        keyOfWriter.append(key)
        if writers.count < keyOfWriter.count { keyOfWriter.removeLast() }
    }

    var keyOfWriter: [UInt8] = []

    mutating func fill() {
        guard let open = writers.last, let key = keyOfWriter.last else { return }
        let part = [UInt8](repeating: FuzzRun.content(key), count: min(open.rest, length()))
        let number = writers.count - 1
        if engine.append(part.span, to: &writers[number].writer, at: now) {
            writers[number].rest -= part.count
        } else {
            engine.fail(open.writer, at: now)
            writers.removeLast()
            keyOfWriter.removeLast()
        }
    }

    mutating func endLarge() {
        guard let key = keyOfWriter.last else { return }
        while let open = writers.last, open.rest > 0 {
            let part = [UInt8](repeating: FuzzRun.content(key), count: min(open.rest, 60_000))
            let number = writers.count - 1
            guard engine.append(part.span, to: &writers[number].writer, at: now) else {
                writers.removeLast()
                keyOfWriter.removeLast()
                return engine.fail(open.writer, at: now)
            }
            writers[number].rest -= part.count
        }
        guard let open = writers.popLast() else { return }
        keyOfWriter.removeLast()
        var mayExceed = false
        while engine.finish(open.writer, mayExceed: mayExceed, at: now) == .mustCull {
            mayExceed = engine.cull(3, at: now) == .nothingToDrop
        }
    }

    mutating func release() {
        guard let value = held.popLast() else { return }
        var length = 0
        engine.forEachPart(of: engine.reader(of: value.item)) { part in
            FuzzRun.check(part, value.key)
            length += part.count
            return true
        }
        precondition(length == value.length, "a held value changed its length")
        engine.release(value.item)
    }
}
