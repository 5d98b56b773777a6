@testable import CacheEngine

/// Values that come in parts, and values that are being sent while others change the key.
extension ModelRun {
    /// Open values pin memory, and then "out of memory" is fair. In every other phase there are
    /// none, so that it isn't.
    var mayHaveOpenWork: Bool { step / 1_000 % 2 == 1 && plan.largestValue > 100_000 }

    func workOnLarge() throws {
        guard mayHaveOpenWork else {
            if !writers.isEmpty { return try endWriter(writers.count - 1) }
            if !held.isEmpty { return try release(held.count - 1) }
            return
        }
        switch random.below(10) {
        case 0..<2 where writers.count < 3: try begin()
        case 0..<6 where !writers.isEmpty: try advance(random.below(writers.count))
        case 6..<9 where !held.isEmpty: try read(random.below(held.count))
        case 9 where !held.isEmpty: try release(random.below(held.count))
        default: try begin()
        }
    }

    private func begin() throws {
        let key = anyKey()
        let modes: [StoreMode] = [
            .set, .set, .add, .replace, .append, .prepend, .cas(model.entries[key].cas),
        ]
        let options = anyStoreOptions(modes[random.below(modes.count)], key)
        let isTooLarge = random.isOneIn(20)
        let length =
            isTooLarge
            ? ModelPlan.maximumItemBytes
            : random.between(CacheEngine.largeValueBytes, plan.largestValue)
        action = "beginning of \(options.mode) of key \(key), \(length) bytes"
        let name = keys[key]
        let writer = engine.begin(
            options, key: name.span, hashes[key], valueLength: length, at: now)
        guard let writer else {
            return try check(isTooLarge || mayRunOut(of: 1_000), "no memory to begin")
        }
        try check(!isTooLarge, "a value that is too large was begun")
        writers.append(
            OpenWriter(
                writer: writer, key: key, value: Noise.value(length, variant: random.next()),
                options: options))
    }

    private func advance(_ number: Int) throws {
        let open = writers[number]
        guard open.written < open.value.count else { return try endWriter(number) }
        if random.isOneIn(40) { return try endWriter(number) }
        let rest = open.value.count - open.written
        let count = random.isOneIn(3) ? rest : random.between(1, rest)
        action = "\(count) bytes more for key \(open.key)"
        workingBytes = count
        let part = open.value.span.extracting(open.written..<open.written + count)
        if engine.append(part, to: &writers[number].writer, at: now) {
            writers[number].written += count
            return
        }
        try check(mayRunOut(of: count), "no memory for \(count) bytes more")
        engine.fail(open.writer, at: now)
        writers.remove(at: number)
        if open.options.mode == .set, meet(open.key) { model.remove(open.key) }
    }

    /// Finishes it if it is complete, else gives it up.
    private func endWriter(_ number: Int) throws {
        let open = writers[number]
        guard open.written == open.value.count, !random.isOneIn(20) else {
            action = "giving up key \(open.key)"
            writers.remove(at: number)
            return engine.abandon(open.writer)
        }
        action = "end of \(open.options.mode) of key \(open.key), \(open.value.count) bytes"
        workingBytes = open.value.count + model.entries[open.key].value.count
        var expected = expect(open.options, open.key, open.value, mayExceed: false)
        var result = engine.finish(open.writer, at: now)
        while case .mustCull = expected {
            try check(result == .mustCull, "\(result) into a cache that is full by count")
            let mayExceed = try cullCompletely()
            expected = expect(open.options, open.key, open.value, mayExceed: mayExceed)
            result = engine.finish(open.writer, mayExceed: mayExceed, at: now)
        }
        // The value pins itself while it is stored.
        try compare(result, expected, open.options, open.key, open.value, isLarge: true)
        writers.remove(at: number)
    }

    private func read(_ number: Int) throws {
        var value = held[number]
        action = "reading of a held value"
        var offset = value.read
        var same = true
        engine.forEachPart(of: value.reader) { part in
            same = same && isEqual(part, value.value, at: offset)
            offset += part.count
            return true
        }
        try check(same && offset == value.value.count, "a held value changed")
        let count = random.between(0, value.value.count - value.read)
        engine.advance(&value.reader, by: count)
        value.read += count
        held[number] = value
        tally.heldReads += 1
    }

    private func release(_ number: Int) throws {
        try read(number)
        action = "release of a held value"
        engine.release(held.remove(at: number).item)
    }
}
