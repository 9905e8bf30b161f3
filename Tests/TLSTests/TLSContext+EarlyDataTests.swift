import Bytes
import Testing

@testable import TLS

/// Early data between two sessions in memory.
struct TLSContextEarlyDataTests {
    private let sites: TestSites
    private let client: TLSClientContext
    private let early = Array("early".utf8)

    init() throws {
        sites = try TestSites()
        client = try sites.client(.tls13)
    }

    private func context(
        _ gate: EarlyDataGate?, earlySites: Set<Int> = [0]
    ) throws -> TLSContext {
        try sites.context(sites.store(earlySites: earlySites), earlyData: gate)
    }

    private func gate() throws -> EarlyDataGate { try EarlyDataGate { 0 } }

    /// A ticket of a full handshake.
    private func ticket(_ server: TLSContext, _ name: String = "a.test") throws -> TLSClientTicket {
        var pair = try Handshake(server, client, serverName: name)
        pair.run()
        let kept = pair.client.ticket
        return try #require(kept)
    }

    /// Whether early data came through; the session goes on from the ticket in any case.
    private func isAccepted(
        _ server: TLSContext, _ ticket: TLSClientTicket, step: Int = .max
    ) throws -> Bool { try fate(server, ticket, step: step) == .accepted }

    /// What became of early data; the session goes on from the ticket in any case.
    private func fate(
        _ server: TLSContext, _ ticket: TLSClientTicket, step: Int = .max
    ) throws -> EarlyDataFate {
        var pair = try Handshake(server, client, ticket: ticket)
        let isSent = pair.beginEarly(early)
        #expect(isSent)
        pair.settle(step: step)
        let facts = [pair.isEstablished, pair.server.isResumed]
        #expect(facts == [true, true])
        let (ours, theirs) = (pair.server.isEarlyDataAccepted, pair.client.isEarlyDataAccepted)
        #expect(ours == theirs)
        let came = Handshake.take(.max, from: &pair.received)
        #expect(came == (ours ? early : []))
        let (there, back) = (pair.send([1, 2]), pair.answer([3, 4]))
        #expect(there == [1, 2] && back == [3, 4])
        let told = (pair.server.takeEarlyDataFate(), pair.server.takeEarlyDataFate())
        let fate = try #require(told.0)
        #expect(told.1 == nil)
        #expect(ours == (fate == .accepted))
        return fate
    }

    @Test(
        "Early data is accepted once for each ticket, however it is cut", arguments: [1, 7, .max])
    func once(_ step: Int) throws {
        let server = try context(gate())
        let ticket = try ticket(server)
        #expect(ticket.earlyDataLimit == 16_384)
        #expect(try fate(server, ticket, step: step) == .accepted)
        #expect(try fate(server, ticket, step: step) == .replayed)
        #expect(try isAccepted(server, self.ticket(server), step: step))
    }

    @Test(
        "It is there, and is answered, before the handshake has ended", arguments: [1_369, 16_384])
    func answer(_ recordBytes: Int) throws {
        let server = try context(gate())
        var pair = try Handshake(server, client, ticket: ticket(server))
        let isSent = pair.beginEarly(early)
        #expect(isSent)
        pair.deliverToServer(Handshake.take(.max, from: &pair.toServer))
        let outcome = pair.serverOutcome
        #expect(outcome == .needsInput)
        let came = Handshake.take(.max, from: &pair.received)
        #expect(came == early)
        let facts = (pair.server.isEarlyDataAccepted, pair.server.version, pair.server.site)
        #expect(facts == (true, .tls13, 0))
        // More than a record.
        let answer = [UInt8](repeating: 9, count: 40_000)
        let isSealed = pair.server.write(
            answer.span, recordBytes: recordBytes, output: &pair.toClient)
        #expect(isSealed)
        pair.settle()
        let isEstablished = pair.isEstablished
        #expect(isEstablished)
        let answered = Handshake.take(.max, from: &pair.answered)
        #expect(answered == answer)
        let (there, back) = (pair.send([1, 2]), pair.answer([3, 4]))
        #expect(there == [1, 2] && back == [3, 4])
    }

    @Test("Without early data nothing can be written before the handshake has ended")
    func tooEarly() throws {
        var pair = try Handshake(context(gate()), client)
        pair.begin()
        pair.deliverToServer(Handshake.take(.max, from: &pair.toServer))
        let isSealed = pair.sealAnswer([1])
        #expect(!isSealed)
    }

    @Test("Another context with the same gate knows what was used; another gate accepts nothing")
    func contexts() throws {
        let gate = try gate()
        let (first, second) = (try context(gate), try context(gate))
        let ticket = try ticket(first)
        #expect(try isAccepted(second, ticket))
        #expect(try fate(first, ticket) == .replayed)
        let stranger = try context(self.gate())
        #expect(try fate(stranger, self.ticket(first)) == .refused)
        #expect(try isAccepted(stranger, self.ticket(stranger)))
    }

    @Test("A context without a gate refuses what one with a gate has allowed")
    func off() throws {
        let (on, off) = (try context(gate()), try context(nil))
        #expect(try ticket(off).earlyDataLimit == 0)
        #expect(try fate(off, ticket(on)) == .refused)
    }

    @Test("Tickets of sites without early data allow none")
    func siteOff() throws {
        let server = try context(gate(), earlySites: [1])
        #expect(try ticket(server).earlyDataLimit == 0)
        #expect(try ticket(server, "b.test").earlyDataLimit == 16_384)
        let generous = try context(server.earlyData, earlySites: [0, 1])
        #expect(try fate(server, ticket(generous)) == .refused)
    }

    @Test("What finds no room among what is remembered is refused, and is no replay")
    func full() throws {
        let server = try context(EarlyDataGate(limit: 1) { 0 })
        let tickets = [try ticket(server), try ticket(server)]
        let fates = try (tickets + tickets).map { try fate(server, $0) }
        #expect(fates == [.accepted, .refused, .replayed, .refused])
    }

    @Test("A recording is known as one although its handshake never ends")
    func recording() throws {
        let server = try context(gate())
        var pair = try Handshake(server, client, ticket: ticket(server))
        let isSent = pair.beginEarly(early)
        #expect(isSent)
        let flight = Handshake.take(.max, from: &pair.toServer)
        var fates: [EarlyDataFate?] = []
        for _ in 0..<2 {
            var replay = try Handshake(server, client)
            let before = replay.server.takeEarlyDataFate()
            replay.deliverToServer(flight)
            fates += [before, replay.server.takeEarlyDataFate()]
            let isEstablished = replay.isEstablished
            #expect(!isEstablished)
        }
        #expect(fates == [nil, .accepted, nil, .replayed])
    }

    @Test("A client that has to say hello again brings no early data")
    func retry() throws {
        let client = try sites.client(.tls13, groups: "P-521:P-384")
        let server = try context(gate())
        var first = try Handshake(server, client)
        first.run()
        let kept = first.client.ticket
        let ticket: TLSClientTicket = try #require(kept)
        var pair = try Handshake(server, client, ticket: ticket)
        let isSent = pair.beginEarly(early)
        #expect(isSent)
        pair.settle(step: 50)
        let facts = [
            pair.isEstablished, pair.server.isResumed, pair.server.isEarlyDataAccepted,
            pair.received.isEmpty,
        ]
        #expect(facts == [true, true, false, true])
        let fate = pair.server.takeEarlyDataFate()
        #expect(fate == .refused)
    }

    @Test("TLS 1.2 and full handshakes go on as before", arguments: TLSVersion.allCases)
    func others(_ version: TLSVersion) throws {
        let client = try sites.client(version)
        let server = try context(gate())
        var first = try Handshake(server, client)
        first.run(step: 1)
        let isEstablished = first.isEstablished && !first.server.isEarlyDataAccepted
        #expect(isEstablished)
        let kept = first.client.ticket
        let ticket: TLSClientTicket = try #require(kept)
        var again = try Handshake(server, client, ticket: ticket)
        again.run()
        let facts = [
            again.isEstablished, again.server.isResumed, again.server.isEarlyDataAccepted,
        ]
        #expect(facts == [true, true, false])
        let fates = [first.server.takeEarlyDataFate(), again.server.takeEarlyDataFate()]
        #expect(fates == [nil, nil])
        let echo = again.send([5])
        #expect(echo == [5])
    }

    @Test("A client may send 16 KiB, and no more", arguments: [16_383, 16_384, 16_385])
    func limit(_ count: Int) throws {
        let server = try context(gate())
        var pair = try Handshake(server, client, ticket: ticket(server))
        let isSent = pair.beginEarly([UInt8](repeating: 1, count: count))
        #expect(isSent == (count <= 16_384))
        guard isSent else { return }
        pair.settle()
        let facts = (pair.isEstablished, pair.received.count)
        #expect(facts == (true, count))
    }

    @Test("Early data in small records is skipped where it is refused")
    func skipped() throws {
        let server = try context(gate())
        let ticket = try ticket(server)
        #expect(try isAccepted(server, ticket))
        var pair = try Handshake(server, client, ticket: ticket)
        for _ in 0..<160 {
            let bytes = [UInt8](repeating: 1, count: 100)
            let isSent = pair.client.writeEarly(bytes.span, output: &pair.toServer)
            #expect(isSent)
        }
        pair.begin()
        pair.settle()
        let facts = (pair.isEstablished, pair.received.count)
        #expect(facts == (true, 0))
    }
}
