import Synchronization
import Testing

@testable import TLS

struct EarlyDataGateTests {
    /// A clock that a test moves.
    private final class Clock: Sendable {
        let time = Atomic<Int64>(100)
    }

    @Test("A secret is admitted once, until the ticket's lifetime is over")
    func once() throws {
        let clock = Clock()
        let gate = try EarlyDataGate { clock.time.load(ordering: .relaxed) }
        let secret: [UInt8] = [1, 2, 3]
        let expected: [(Int64, EarlyDataFate)] = [
            (100, .accepted), (100, .replayed), (109, .replayed), (110, .accepted),
        ]
        for (time, fate) in expected {
            clock.time.store(time, ordering: .relaxed)
            #expect(gate.judge(secret: secret.span, lifetime: 10) == fate)
        }
    }

    @Test("As many are admitted as can be remembered", arguments: [1, 2, 3])
    func bound(_ limit: Int) throws {
        let gate = try EarlyDataGate(limit: limit) { 0 }
        for number in 0...4 {
            let secret = [UInt8(number)]
            let fate = gate.judge(secret: secret.span, lifetime: 10)
            #expect(fate == (number < limit ? .accepted : .refused))
        }
    }

    @Test("Each gate has a name of its own")
    func names() throws {
        let gates = try (0..<2).map { _ in try EarlyDataGate { 0 } }
        #expect(gates[0].instance != gates[1].instance)
        #expect(gates.allSatisfy { $0.instance != .none })
    }
}
