import CacheEngine
import Testing

@testable import cached

/// The parts of a login that need no socket.
@Suite struct LoginTests {
    @Test func textsAreEqualOnlyToThemselves() {
        let texts = ["", "a", "b", "ab", "ba", "aa", "abcdefgh", "abcdefgi"]
        var rows = SecretTexts(width: 8)
        for text in texts { rows.append(Array(text.utf8)) }
        rows.append(nil)
        func equals(_ row: Int, _ text: String) -> Bool {
            let bytes = Array(text.utf8)
            return rows.equals(row, bytes.span) == 1
        }
        #expect(rows.count == texts.count + 1)
        for (row, text) in texts.enumerated() {
            for (other, candidate) in texts.enumerated() {
                #expect(equals(row, candidate) == (row == other), "\(text) \(candidate)")
            }
            #expect(!equals(texts.count, text))
        }
        // The zeros behind a text are not a part of it.
        #expect(!equals(1, "a\0"))
    }

    @Test func stagesOfALogin() {
        var login = ConnectionLogin()
        #expect(login.isOpen && login.stage == .notRequired)
        login.require(until: 5000)
        #expect(!login.isOpen && !login.isOverdue(at: Instant(milliseconds: 4999)))
        #expect(login.isOverdue(at: Instant(milliseconds: 5000)))
        login.wait()
        #expect(!login.isOpen && !login.isOverdue(at: Instant(milliseconds: 9000)))
        login.decide(LoginVerdict(token: 1, isAccepted: false))
        #expect(!login.isOpen && login.stage == .refused)
        login.conclude(isAccepted: false)
        #expect(login.isOverdue(at: Instant(milliseconds: 5000)))
        login.wait()
        login.decide(LoginVerdict(token: 1, isAccepted: true))
        #expect(!login.isOpen && login.stage == .accepted)
        login.conclude(isAccepted: true)
        #expect(login.isOpen && !login.isOverdue(at: Instant(milliseconds: 9000)))
        // A verdict that nobody waits for changes nothing.
        login.decide(LoginVerdict(token: 1, isAccepted: false))
        #expect(login.isOpen)
    }

    @Test func theLogIsNotFlooded() {
        let log = LoginLog()
        func admit(_ ms: UInt64) -> UInt64? { log.admit(at: Instant(milliseconds: ms)) }
        for moment in 3000..<3005 { #expect(admit(UInt64(moment)) == 0) }
        for _ in 0..<300 { #expect(admit(5000) == nil) }
        #expect(admit(12_999) == nil)
        #expect(admit(13_000) == 301)
        #expect(admit(13_001) == 0)
    }
}
