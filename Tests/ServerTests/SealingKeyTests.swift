import Platform
import TLS
import Testing

@testable import Server

struct SealingKeyTests {
    /// Where keys came from a file, metrics told of keys that nobody used.
    @Test("The first key is no change; each that differs from the one before is, at its time")
    func changes() throws {
        var sealing = SealingKey()
        let (first, second) = (try TicketKey(), try TicketKey())
        let steps: [(key: TicketKey, changes: UInt64, since: Int64)] = [
            (first, 0, 1), (first, 0, 1), (second, 1, 3), (second, 1, 3), (first, 2, 5),
        ]
        for (index, step) in steps.enumerated() {
            sealing.adopt(step.key, now: WallTime(seconds: Int64(index + 1)))
            #expect(sealing.changes == step.changes)
            #expect(sealing.since == WallTime(seconds: step.since))
        }
    }
}
