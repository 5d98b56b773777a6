/// Why `compare` or `floor` does not do what it was asked for.
enum CompareError: Error, Equatable {
    /// The options are wrong.
    case usage(String)
    /// Something else stands in the way.
    case failed(String)

    var message: String {
        switch self {
        case .usage(let message), .failed(let message): message
        }
    }

    /// What the load generator cannot do stands in the way of a comparison, too.
    static func wrap<Result>(
        _ prefix: String = "", _ body: () throws(BenchError) -> Result
    ) throws(CompareError) -> Result {
        do throws(BenchError) {
            return try body()
        } catch {
            throw .failed(prefix + error.message)
        }
    }

    /// Tells the user; returns the exit code.
    func report(command: String) -> Int32 {
        switch self {
        case .usage:
            StandardStream.error.write(
                "cached-bench \(command): \(message); --help lists the options\n")
            return BenchTool.usageStatus
        case .failed:
            StandardStream.error.write("cached-bench \(command): \(message)\n")
            return 1
        }
    }
}

/// The words of a command line, with options as `--name=value` or `--name value`.
struct ArgumentWords {
    private var rest: ArraySlice<String>
    private var name = ""
    private var attachedValue: String?

    init(_ arguments: [String]) { rest = arguments[...] }

    /// The name of the next option; nil at the end.
    mutating func nextOption() throws(CompareError) -> String? {
        if let value = attachedValue { throw .usage("\(name) takes no value, but has \(value)") }
        guard let word = rest.popFirst() else { return nil }
        guard word.utf8.first == UInt8(ascii: "-") else {
            throw .usage("what is \(word)? Options begin with --")
        }
        guard let equals = word.firstIndex(of: "=") else {
            name = word
            return word
        }
        name = String(word[..<equals])
        attachedValue = String(word[word.index(after: equals)...])
        return name
    }

    /// The value of the option that `nextOption` returned.
    mutating func value() throws(CompareError) -> String {
        if let value = attachedValue {
            attachedValue = nil
            return value
        }
        guard let value = rest.popFirst() else { throw .usage("\(name) needs a value") }
        return value
    }

    mutating func number(in range: ClosedRange<Int>) throws(CompareError) -> Int {
        let text = try value()
        guard let number = Int(text), range.contains(number) else {
            throw .usage(
                "\(name) is a number from \(range.lowerBound) to \(range.upperBound), not \(text)")
        }
        return number
    }

    mutating func seconds(in range: ClosedRange<Double>) throws(CompareError) -> Double {
        let text = try value()
        guard let number = Double(text), range.contains(number) else {
            throw .usage(
                "\(name) is a number of seconds from \(Numerals.fixed(range.lowerBound, 1)) "
                    + "to \(Numerals.fixed(range.upperBound, 0)), not \(text)")
        }
        return number
    }
}
