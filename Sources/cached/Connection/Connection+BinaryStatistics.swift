import Protocol

/// Binary stat. Names are matched as memcached does here: some by their beginning, some whole.
extension Connection {
    mutating func stats(_ name: Span<UInt8>, _ tag: BinaryTag, _ context: inout WorkerContext) {
        context.publishCounters()
        context.statisticsForm = .binary(tag)
        defer { context.statisticsForm = .text }
        let name = (0..<name.count).map { name[$0] }
        func begins(_ text: String) -> Bool { name.starts(with: text.utf8) }
        func isExactly(_ text: String) -> Bool { name.elementsEqual(text.utf8) }
        if name.isEmpty {
            generalStatistics(&context)
        } else if begins("reset") {
            context.server.resetStatistics()
            context.endStatistics()
        } else if begins("settings") {
            settingsStatistics(&context)
        } else if begins("detail") {
            detail(String(decoding: name, as: UTF8.self), tag, &context)
        } else if isExactly("items") {
            itemStatistics(&context)
        } else if isExactly("slabs") {
            slabStatistics(&context)
        } else if isExactly("sizes") {
            sizeStatistics(&context)
        } else if isExactly("conns") {
            connectionStatistics(&context)
        } else {
            context.output.bytes.appendBinaryError(tag, .keyNotFound)
        }
    }

    private func detail(_ name: String, _ tag: BinaryTag, _ context: inout WorkerContext) {
        let prefixes = context.server.prefixes
        if context.server.settings.dumpDisabled {
            context.output.bytes.appendBinaryError(tag, .keyNotFound)
        } else if name.hasPrefix("detail dump") {
            var dump = ByteBuffer(capacity: 0)
            prefixes.dump(into: &dump)
            context.output.bytes.appendBinaryStat(
                tag, name: "detailed".utf8Span.span, value: dump.bytes)
            context.endStatistics()
        } else if name.hasPrefix("detail on") || name.hasPrefix("detail off") {
            prefixes.isOn = name.hasPrefix("detail on")
            context.updateObservation()
            context.endStatistics()
        } else {
            context.output.bytes.appendBinaryError(tag, .keyNotFound)
        }
    }
}
