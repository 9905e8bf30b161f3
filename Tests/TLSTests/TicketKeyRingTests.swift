import Testing

@testable import TLS

struct TicketKeyRingTests {
    @Test("The next key is known to all before it seals, the last for as long as its tickets live")
    func rotation() throws {
        var ring = try TicketKeyRing(rotation: 100, lifetime: 250, now: 1_000)
        let first = ring.keys.keys
        #expect(first.count == 2)
        #expect(ring.nextChange == 1_100)
        #expect(try !ring.advance(to: 1_099))
        #expect(ring.keys.sealing == first[0])
        #expect(try ring.advance(to: 1_100))
        #expect(ring.keys.keys[0] == first[1])
        #expect(ring.keys.sealing == first[1])
        #expect(ring.keys.keys[2] == first[0])
        #expect(try ring.advance(to: 1_200))
        #expect(try ring.advance(to: 1_300))
        #expect(ring.keys.keys.contains(first[0]))
        // Its last ticket was sealed at 1,100 and lives for 250.
        #expect(ring.nextChange == 1_350)
        #expect(try !ring.advance(to: 1_349))
        #expect(try ring.advance(to: 1_350))
        #expect(!ring.keys.keys.contains(first[0]))
        #expect(ring.keys.keys.contains(first[1]))
    }

    @Test("A clock that stood still for long leads to one change, and every old key is gone")
    func longSleep() throws {
        var ring = try TicketKeyRing(rotation: 100, lifetime: 100, now: 0)
        #expect(try ring.advance(to: 100))
        let former = ring.keys.keys
        #expect(try ring.advance(to: 100_000))
        #expect(ring.keys.keys[0] == former[1])
        #expect(!ring.keys.keys.contains(former[2]))
        #expect(ring.keys.keys.count == 3)
    }

    @Test("Few keys are kept, however fast they change")
    func bounded() throws {
        var ring = try TicketKeyRing(rotation: 1, lifetime: 604_800, now: 0)
        for second in 1...100 { #expect(try ring.advance(to: Int64(second))) }
        #expect(ring.keys.keys.count == 32)
    }

    @Test("Other durations hold from the next change on")
    func adopt() throws {
        var ring = try TicketKeyRing(rotation: 100, lifetime: 100, now: 0)
        let keys = ring.keys.keys
        ring.adopt(rotation: 10, lifetime: 5)
        #expect(ring.nextChange == 10)
        #expect(ring.keys.keys == keys)
    }
}
