import Glibc
import Testing

@testable import cached_bench

@Suite struct TraceTests {
    /// A file for the length of a test.
    private final class TemporaryFile {
        let path: String

        init(_ bytes: [UInt8]) throws {
            path = "/tmp/cached-bench-trace-\(getpid())-\(UInt64.random(in: 0 ... .max))"
            try TextFile.write(String(decoding: [UInt8](), as: UTF8.self), to: path)
            let file = unsafe open(path, O_WRONLY)
            _ = unsafe write(file, bytes, bytes.count)
            close(file)
        }

        deinit { unsafe unlink(path) }
    }

    private func trace(
        _ bytes: [UInt8], _ format: LoadPlan.TraceFormat
    ) throws -> TraceFile {
        let file = try TemporaryFile(bytes)
        return try TraceFile(path: file.path, format: format)
    }

    @Test func bigEndianNumbers() throws {
        let trace = try trace([0, 0, 0, 1, 0xff, 0, 0, 2], .u32be)
        #expect(trace.count == 2)
        #expect(trace.keyNumber(of: 0) == 1)
        #expect(trace.keyNumber(of: 1) == 0xff00_0002)
        #expect(trace.valueBytes(of: 0) == nil)
        #expect((trace.take(), trace.take()) == (0, 1))
    }

    @Test func recordsOfLibCacheSim() throws {
        let record: [UInt8] =
            [9, 0, 0, 0] + [1, 2, 0, 0, 0, 0, 0, 0x80] + [0, 1, 0, 0]
            + [UInt8](repeating: 0, count: 8)
        let trace = try trace(record + record, .oracleGeneral)
        #expect(trace.count == 2)
        #expect(trace.keyNumber(of: 1) == 0x8000_0000_0000_0201)
        #expect(trace.valueBytes(of: 1) == 256)
    }

    @Test func linesWithAndWithoutSizes() throws {
        let trace = try trace(Array("one\ntwo,20\n\nthree,0".utf8), .lines)
        #expect(trace.count == 3)
        #expect(trace.valueBytes(of: 0) == nil)
        #expect(trace.valueBytes(of: 1) == 20)
        #expect(trace.valueBytes(of: 2) == 0)
        let two: [UInt8] = Array("two".utf8)
        #expect(trace.keyNumber(of: 1) == TraceFile.number(ofText: two.span))
        var output = OutputBuffer(capacity: 64)
        trace.appendKey(of: 2, to: &output)
        #expect(output.count == 5)
    }

    @Test(arguments: [
        ("", LoadPlan.TraceFormat.lines, "empty"), ("abc", .u32be, "no multiple"),
        ("abcd", .oracleGeneral, "no multiple"), ("a b\n", .lines, "line 1"),
        ("a\nb,x\n", .lines, "line 2"), ("a\n,1\n", .lines, "line 2"),
        ("a,1\r\n", .lines, "line 1"),
        ("a,99999999999999999999\n", .lines, "line 1"), ("\n\n", .lines, "empty"),
    ])
    func whatIsWrongIsSaid(text: String, format: LoadPlan.TraceFormat, part: String) throws {
        let file = try TemporaryFile(Array(text.utf8))
        do throws(BenchError) {
            _ = try TraceFile(path: file.path, format: format)
            Issue.record("accepted: \(text)")
        } catch {
            #expect(error.message.contains(part), "\(error.message)")
        }
    }

    @Test func aFileThatIsNotThere() {
        #expect(throws: BenchError.self) {
            _ = try TraceFile(path: "/tmp/there/is/no/such/trace", format: .lines)
        }
    }
}
