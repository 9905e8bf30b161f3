import Platform
import TLS
import Testing

@testable import Proxy

@Suite("KnownPasswords")
struct KnownPasswordsTests {
    private func digest(_ number: Int) -> SHA256Digest {
        SHA256Digest(Array("\(number)".utf8).span)
    }

    @Test("What was good stays known for its time")
    func lifetime() {
        var known = KnownPasswords()
        let start = MonotonicTime(nanoseconds: 1)
        known.insert(digest(1), now: start)
        #expect(known.contains(digest(1), now: start))
        #expect(!known.contains(digest(2), now: start))
        let end = start + KnownPasswords.lifetime
        #expect(known.contains(digest(1), now: end + .nanoseconds(-1)))
        #expect(!known.contains(digest(1), now: end))
    }

    @Test("There is a bound, and what is newest is known")
    func bound() {
        var known = KnownPasswords()
        let start = MonotonicTime(nanoseconds: 1)
        for number in 0...KnownPasswords.limit { known.insert(digest(number), now: start) }
        #expect(known.contains(digest(KnownPasswords.limit), now: start))
        #expect(!known.contains(digest(0), now: start))
    }
}
