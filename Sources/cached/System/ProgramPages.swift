import CSystem
import Glibc

/// The program's and its libraries' code and constants in memory.
///
/// A start uses much more of them than serving does, and so does a rare command; the system maps
/// 64 KB at the touch of a byte, and keeps all of it mapped. Unmapping them from time to time
/// leaves what is in use, a few MB less. They stay in the system's file cache, so what is used
/// again costs a page fault for 64 KB, and no reading.
struct ProgramPages: Sendable {
    private let mappings: [Range<UInt>]

    /// Finds them. To be called at the start, when there is little else to look through.
    static func find() -> ProgramPages {
        guard let text = try? ProcessFacts.readConfigFile("/proc/self/smaps") else {
            return ProgramPages(mappings: [])
        }
        var found: [Range<UInt>] = []
        var mapping: Range<UInt>?
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: " "))
            if fields.count == 6, fields[5].first == UInt8(ascii: "/") {
                mapping = isReadOnly(fields[1]) ? range(fields[0]) : nil
            } else if let candidate = mapping, fields.count == 3,
                fields[0].elementsEqual("Anonymous:".utf8)
            {
                // Without a page of its own, a mapping holds nothing but what is in the file:
                // relocations, for one, would be lost.
                if fields[1].elementsEqual("0".utf8) { found.append(candidate) }
                mapping = nil
            }
        }
        return ProgramPages(mappings: found)
    }

    /// Unmaps them.
    func release() {
        for mapping in mappings {
            guard let start = unsafe UnsafeMutableRawPointer(bitPattern: mapping.lowerBound) else {
                continue
            }
            // SAFETY: nothing can write to it, so what is dropped is still in its file.
            _ = unsafe cs_discard(start, mapping.count)
        }
    }

    private static func isReadOnly(_ permissions: ArraySlice<UInt8>) -> Bool {
        permissions.count == 4 && !permissions.contains(UInt8(ascii: "w"))
            && permissions.last == UInt8(ascii: "p")
    }

    /// `start-end`, in hexadecimal digits.
    private static func range(_ text: ArraySlice<UInt8>) -> Range<UInt>? {
        let bounds = text.split(separator: UInt8(ascii: "-")).map {
            UInt(String(decoding: $0, as: UTF8.self), radix: 16)
        }
        guard bounds.count == 2, let start = bounds[0], let end = bounds[1], start < end else {
            return nil
        }
        return start..<end
    }
}
