import Testing

@testable import TLS

struct EarlyDataUsesTests {
    private func ticket(_ number: Int) -> EarlyDataUses.Ticket {
        .init(high: 7, low: UInt64(number))
    }

    @Test("A ticket is used once until it can be forgotten")
    func once() {
        var uses = EarlyDataUses(limit: 4)
        let outcomes = [0, 0, 9, 10, 10, 19, 20].map {
            uses.use(ticket(1), lifetime: 10, now: $0)
        }
        #expect(
            outcomes == [
                .accepted, .replayed, .replayed, .accepted, .replayed, .replayed, .accepted,
            ])
        #expect(uses.count == 1)
    }

    @Test("Tickets differ by either half of their names")
    func names() {
        var uses = EarlyDataUses(limit: 4)
        let tickets = [(1, 1), (1, 2), (2, 1), (2, 2)].map {
            EarlyDataUses.Ticket(high: $0.0, low: $0.1)
        }
        let outcomes = (tickets + tickets).map { uses.use($0, lifetime: 1, now: 0) }
        #expect(
            outcomes == Array(repeating: .accepted, count: 4)
                + Array(repeating: .replayed, count: 4))
    }

    @Test("What finds no room is refused, until others can be forgotten")
    func full() {
        var uses = EarlyDataUses(limit: 8)
        // Every other lives longer.
        let first = (1...9).map {
            uses.use(ticket($0), lifetime: $0.isMultiple(of: 2) ? 20 : 10, now: 0)
        }
        #expect(first == Array(repeating: .accepted, count: 8) + [.refused])
        #expect(uses.count == 8)
        let soon = uses.use(ticket(9), lifetime: 10, now: 9)
        #expect(soon == .refused)
        // Four are forgotten at once.
        let second = (9...13).map { uses.use(ticket($0), lifetime: 100, now: 10) }
        #expect(second == Array(repeating: .accepted, count: 4) + [.refused])
        let later = [(2, 19), (13, 19), (13, 20)].map {
            uses.use(ticket($0.0), lifetime: 10, now: $0.1)
        }
        #expect(later == [.replayed, .refused, .accepted])
        #expect(uses.count == 5)
    }

    @Test("In a full set a ticket whose time is over can be used again, and no other")
    func fullAgain() {
        var uses = EarlyDataUses(limit: 2)
        let outcomes = [(1, 5, 0), (2, 50, 0), (2, 50, 6), (1, 5, 6), (3, 5, 6)].map {
            uses.use(ticket($0.0), lifetime: Int64($0.1), now: Int64($0.2))
        }
        #expect(outcomes == [.accepted, .accepted, .replayed, .accepted, .refused])
        #expect(uses.count == 2)
    }

    @Test("A ticket without lifetime is remembered for a second", arguments: [-5, 0, 1])
    func shortest(_ lifetime: Int64) {
        var uses = EarlyDataUses(limit: 1)
        let outcomes = [0, 0, 1].map { uses.use(ticket(1), lifetime: lifetime, now: $0) }
        #expect(outcomes == [.accepted, .replayed, .accepted])
    }
}
