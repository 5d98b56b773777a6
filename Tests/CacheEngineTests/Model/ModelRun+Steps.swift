@testable import CacheEngine

/// Which operation comes next, and with what.
extension ModelRun {
    func runStep() throws {
        moveClock()
        switch random.below(1000) {
        case 0..<260: try retrieve(anyKey(), touch: nil)
        case 260..<300: try retrieve(anyKey(), touch: anyExpiry())
        case 300..<370: try metaGet(anyKey())
        case 370..<640: try storeSomething(.set)
        case 640..<700: try storeSomething(.add)
        case 700..<730: try storeSomething(.replace)
        case 730..<760: try storeSomething(.append)
        case 760..<790: try storeSomething(.prepend)
        case 790..<830: try storeSomething(anyCASMode())
        case 830..<860: try delete(anyKey())
        case 860..<890: try metaDelete(anyKey())
        case 890..<900: try inspect(anyKey())
        case 900..<920: try touch(anyKey(), anyExpiry())
        case 920..<960: try adjust(anyKey())
        case 960..<990: try workOnLarge()
        case 990..<992: try rejectTooLarge(anyKey())
        case 992..<998: try maintain()
        default: try rareStep()
        }
    }

    /// Leaves pages half empty.
    private func deleteMany() throws {
        let first = random.below(keys.count)
        for key in first..<min(keys.count, first + keys.count / 6) where !random.isOneIn(8) {
            try delete(key)
        }
    }

    private func rareStep() throws {
        switch random.below(42) {
        case 40, 41: restartSequence()
        case 0: flush()
        case 1: planFlush()
        case 2..<12: changeLimit()
        case 12: resetStatistics()
        case 13..<23: try deleteMany()
        default: try checkEverything()
        }
    }

    /// The clock mostly stands or creeps, and sometimes jumps.
    private func moveClock() {
        model.now = now
        guard random.isOneIn(30) else { return }
        switch random.below(100) {
        case 0 where random.isOneIn(4): nowMs += UInt64(random.between(60_000, 4_000_000))
        case 0..<8: nowMs += UInt64(random.between(1_000, 20_000))
        default: nowMs += UInt64(random.below(300))
        }
        model.now = now
        engine.advance(to: now)
        if let due = flushDueMs, due <= nowMs {
            model.flush()
            flushDueMs = nil
        }
    }

    /// Some keys are asked for far more than others.
    func anyKey() -> Int {
        let count = keys.count
        switch random.below(4) {
        case 0: return random.below(max(1, count / 50))
        case 1: return random.below(max(1, count / 5))
        default: return random.below(count)
        }
    }

    func anyExpiry() -> Expiry {
        switch random.below(20) {
        case 0..<12: .never
        case 12..<16: .after(seconds: Int64(random.between(1, 5)), from: now)
        case 16..<19: .after(seconds: Int64(random.between(1, 300)), from: now)
        default: .after(seconds: Int64(random.between(-2, 0)), from: now)
        }
    }

    func anyFlags() -> UInt32 {
        random.isOneIn(3) ? UInt32(truncatingIfNeeded: random.next()) : 0
    }

    /// The key comes with it.
    private func anyCASMode() -> StoreMode {
        casKey = anyKey()
        return .cas(anyCAS(of: casKey))
    }

    /// The right CAS of a key, an older one or a newer one.
    func anyCAS(of key: Int) -> UInt64 {
        let cas = model.entries[key].cas
        return switch random.below(6) {
        case 0: cas &+ UInt64(random.between(1, 9))
        case 1: cas &- UInt64(random.between(1, 9))
        case 2: random.isOneIn(2) ? 0 : random.next()
        default: cas
        }
    }

    /// A CAS value of a client's choice, mostly none.
    func anyNewCAS() -> UInt64? {
        switch random.below(8) {
        case 0: UInt64(random.below(4))
        case 1: random.next()
        default: nil
        }
    }

    func anyLength() -> Int {
        if plan.sizes == .tinyAndChained {
            return random.isOneIn(5) ? random.between(1_050, 1_500) : random.below(9)
        }
        let length: Int
        switch step / 3_000 % 5 {
        case 0:
            switch random.below(100) {
            case 0..<70: length = random.below(100)
            case 70..<90: length = random.below(1_500)
            case 90..<98: length = random.below(8_000)
            default: length = random.below(plan.largestValue)
            }
        case 1: length = random.below(60)
        case 2: length = random.between(800, 1_100)
        case 3: length = 1 << random.below(15) + random.below(40)
        default: length = random.below(random.isOneIn(12) ? plan.largestValue : 3_000)
        }
        return min(length, plan.largestValue)
    }

    func anyValue() -> [UInt8] {
        if random.isOneIn(6) { return anyNumber() }
        return Noise.value(anyLength(), variant: random.next())
    }

    /// What incr and decr take for a number, and what looks much like one.
    private func anyNumber() -> [UInt8] {
        let small = random.below(1200)
        if random.isOneIn(20) {
            // As much white space around it as one chunk has room for, or a little more or less.
            let length = engine.largestChunkBytes - random.below(80) + 40
            let digits = Array(String(random.next() >> UInt64(random.below(64))).utf8)
            let space = Array(repeating: UInt8(ascii: " "), count: max(0, length - digits.count))
            return random.isOneIn(2) ? digits + space : space + digits
        }
        let text =
            switch random.below(12) {
            case 0: String(UInt64.max)
            case 1: "18446744073709551616"
            case 2: String(UInt64.max - UInt64(small))
            case 3: " \(small)"
            case 4: "+\(small)"
            case 5: "-\(small)"
            case 6: "\(small)x"
            case 7: "\(small)  "
            case 8: "000\(small)"
            default: String(small)
            }
        return Array(text.utf8)
    }
}
