/// Why a run can't begin or go on: one line for the operator.
struct BenchError: Error, Equatable, CustomStringConvertible {
    let message: String

    init(_ message: String) { self.message = message }

    var description: String { message }
}
