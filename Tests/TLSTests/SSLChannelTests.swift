import Bytes
import Testing

@testable import TLS

/// What both sides of a connection do alike, once and after the handshake.
struct SSLChannelTests {
    @Test("A handshake fed byte by byte gives the same", arguments: TLSVersion.allCases)
    func byByte(_ version: TLSVersion) throws {
        let sites = try TestSites()
        var pair = try Handshake(
            sites.context(alpn: ["h2"]), sites.client(version, alpn: ["h2"]))
        pair.run(step: 1)
        let facts = (pair.isEstablished, pair.server.site, pair.server.negotiatedProtocol)
        #expect(facts == (true, 0, "h2"))
        let echo = pair.send([1, 2, 3], step: 1)
        #expect(echo == [1, 2, 3])
    }

    @Test("A first flight split at any point gives the same", arguments: TLSVersion.allCases)
    func split(_ version: TLSVersion) throws {
        let sites = try TestSites()
        let (server, client) = (try sites.context(), try sites.client(version))
        var length = 1
        var point = 0
        while point <= length {
            var pair = try Handshake(server, client)
            pair.begin()
            length = pair.toServer.count
            pair.deliverToServer(Handshake.take(point, from: &pair.toServer))
            let outcome = pair.serverOutcome
            #expect(outcome == (.needsInput))
            pair.settle()
            let isEstablished = pair.isEstablished
            #expect(isEstablished, "at \(point) of \(length)")
            point += 1
        }
        #expect(length > 100)
    }

    @Test(
        "Bytes of any size make the round trip", arguments: TLSVersion.allCases,
        [0, 1, 16_383, 16_384, 16_385, 100_000])
    func roundTrip(_ version: TLSVersion, _ count: Int) throws {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(), sites.client(version))
        pair.run()
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let there = pair.send(bytes)
        #expect(there == bytes)
        let back = pair.answer(bytes)
        #expect(back == bytes)
        // In parts that end within records, record headers and tags.
        let parts = pair.answer(bytes, step: 1_009)
        #expect(parts == bytes)
        let outcomes = [pair.serverRead, pair.clientRead]
        #expect(!outcomes.contains(.failed))
    }

    /// Growing would copy what has come, into a block that nobody keeps for the next time.
    @Test(
        "What a read gives stays in one block, wherever records are cut",
        arguments: [
            (65_536, 139_264), (65_624, 73_728), (262_144, 286_720), (262_496, 286_720),
            (100_001, 139_264), (16_407, 73_728),
        ])
    func block(_ step: Int, _ size: Int) throws {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(), sites.client(.tls13))
        pair.run()
        let bytes = [UInt8](repeating: 7, count: 4 << 20)
        var input = ByteQueue()
        let isSealed = pair.client.write(bytes.span, output: &input)
        #expect(isSealed)
        var plaintext = ByteQueue(pool: BufferPool())
        var (total, most) = (0, 0)
        while !input.isEmpty {
            let count = min(step, input.count)
            let outcome = pair.server.read(
                input.bytes(in: 0..<count), into: &plaintext, output: &pair.toClient)
            #expect(outcome != .failed)
            input.removeFirst(count)
            (total, most) = (total + plaintext.count, max(most, plaintext.capacity))
            plaintext.removeAll()
            plaintext.releaseStorageIfEmpty()
        }
        #expect(total == bytes.count)
        #expect(most == size)
    }

    @Test("Sealing 16 KiB makes one record, a byte more makes two")
    func records() throws {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(), sites.client(.tls13))
        pair.run()
        for (count, records) in [(1, 1), (16_384, 1), (16_385, 2), (32_768, 2), (32_769, 3)] {
            let bytes = [UInt8](repeating: 7, count: count)
            let isWritten = pair.sealAnswer(bytes)
            #expect(isWritten)
            // Header 5, type 1, tag 16 (RFC 8446 §5.2).
            let sealed = pair.toClient.count
            #expect(sealed == count + records * 22)
            pair.settle()
        }
    }

    @Test("What comes with the last flight is not lost", arguments: TLSVersion.allCases)
    func early(_ version: TLSVersion) throws {
        let sites = try TestSites()
        let (server, client) = (try sites.context(), try sites.client(version))
        var first = try Handshake(server, client)
        first.run()
        let kept = first.client.ticket
        let ticket = try #require(kept)
        // In a full handshake of TLS 1.3, and in a resumed one of TLS 1.2, the client speaks last.
        var pair = try Handshake(
            server, client, ticket: version == .tls12 ? ticket : nil)
        pair.begin()
        pair.deliverToServer(Handshake.take(.max, from: &pair.toServer))
        pair.deliverToClient(Handshake.take(.max, from: &pair.toClient))
        let hello = Array("hello".utf8)
        let isWritten = pair.seal(hello)
        #expect(isWritten)
        pair.client.close(output: &pair.toServer)
        pair.deliverToServer(Handshake.take(.max, from: &pair.toServer))
        let outcome = pair.serverRead
        #expect(outcome == .closed(5))
        let received = Handshake.take(.max, from: &pair.received)
        #expect(received == hello)
    }

    @Test("Each side hears the other's close_notify", arguments: TLSVersion.allCases)
    func closing(_ version: TLSVersion) throws {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(), sites.client(version))
        pair.run()
        let before = pair.server.hasReceivedCloseNotify
        #expect(!before)
        pair.server.close(output: &pair.toClient)
        let length = pair.toClient.count
        #expect(length > 0)
        // Once only, and nothing can follow.
        pair.server.close(output: &pair.toClient)
        let isWritten = pair.sealAnswer([1])
        #expect(!isWritten)
        let lengthAfter = pair.toClient.count
        #expect(lengthAfter == length)
        pair.settle()
        let heard = (pair.clientRead, pair.server.hasReceivedCloseNotify)
        #expect(heard == (.closed(0), false))
        // A connection is half closed: the client may still send (RFC 8446 §6.1).
        let rest = pair.send([9])
        #expect(rest == [9])
        pair.client.close(output: &pair.toServer)
        pair.settle()
        let end = (pair.serverRead, pair.server.hasReceivedCloseNotify, pair.server.clientAlert)
        #expect(end == (.closed(0), true, nil))
    }

    @Test("A stream that was cut off is not closed", arguments: TLSVersion.allCases)
    func truncation(_ version: TLSVersion) throws {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(), sites.client(version))
        pair.run()
        let isWritten = pair.seal([1, 2, 3])
        #expect(isWritten)
        let cut = pair.toServer.count - 1
        pair.deliverToServer(Handshake.take(cut, from: &pair.toServer))
        let state = (pair.serverRead, pair.server.hasReceivedCloseNotify)
        #expect(state == (.bytes(0), false))
    }

    @Test("A damaged record breaks the session for good", arguments: TLSVersion.allCases)
    func damage(_ version: TLSVersion) throws {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(), sites.client(version))
        pair.run()
        let isWritten = pair.seal([1, 2, 3])
        #expect(isWritten)
        var record = Handshake.take(.max, from: &pair.toServer)
        record[record.count - 1] ^= 1
        pair.deliverToServer(record)
        let outcome = pair.serverRead
        #expect(outcome == .failed)
        pair.settle()
        // bad_record_mac (RFC 8446 §6.2).
        let alert = pair.client.serverAlert
        #expect(alert == 20)
        pair.server.close(output: &pair.toClient)
        let canWrite = pair.sealAnswer([1])
        let silence = pair.toClient.isEmpty
        #expect(!canWrite && silence)
        pair.deliverToServer([])
        let after = pair.serverRead
        #expect(after == .failed)
        let again = pair.server.handshake(record.span, output: &pair.toClient)
        #expect(again == .failed(.internalError))
    }

    @Test("A client's fatal alert is no close_notify", arguments: TLSVersion.allCases)
    func fatalAlert(_ version: TLSVersion) throws {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(), sites.client(version))
        pair.run()
        let isWritten = pair.sealAnswer([1, 2, 3])
        #expect(isWritten)
        var record = Handshake.take(.max, from: &pair.toClient)
        record[record.count - 1] ^= 1
        pair.deliverToClient(record)
        pair.settle()
        let facts = (pair.serverRead, pair.server.clientAlert, pair.server.hasReceivedCloseNotify)
        #expect(facts == (.failed, 20, false))
    }

    @Test("Closing before the handshake is done says nothing")
    func closedEarly() throws {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(), sites.client())
        pair.begin()
        pair.server.close(output: &pair.toClient)
        let silence = pair.toClient.isEmpty
        #expect(silence)
        pair.settle()
        let isEstablished = pair.isEstablished
        #expect(isEstablished)
    }

    @Test("Renegotiation is refused, and the connection goes on")
    func renegotiation() throws {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(), sites.client(.tls12))
        pair.run()
        let isAsked = pair.client.renegotiate()
        #expect(isAsked)
        let isHello = pair.prompt()
        #expect(isHello == .needsInput)
        let hello = pair.toServer.count
        pair.deliverToServer(Handshake.take(.max, from: &pair.toServer))
        // A warning, no_renegotiation (RFC 5246 §7.2.2), and no ServerHello.
        let refusal = (pair.serverRead, pair.toClient.count < 64, hello > 100)
        #expect(refusal == (.bytes(0), true, true))
        let counted = pair.server.keyUpdatesWithoutBytes
        #expect(counted == 1)
        let isReadable = pair.sealAnswer([5])
        #expect(isReadable)
    }

    @Test("KeyUpdates are answered, and counted until bytes come")
    func keyUpdates() throws {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(), sites.client(.tls13))
        pair.run()
        let start = pair.server.keyUpdatesWithoutBytes
        #expect(start == 0)
        for count in 1...3 {
            let isUpdated = pair.client.updateKeys()
            #expect(isUpdated)
            let outcome = pair.prompt()
            #expect(outcome == .done)
            pair.settle()
            let counted = pair.server.keyUpdatesWithoutBytes
            #expect(counted == count)
        }
        let there = pair.send([1])
        let back = pair.answer([2])
        let counted = pair.server.keyUpdatesWithoutBytes
        #expect(there == [1] && back == [2] && counted == 0)
    }

    /// Two sides, of which the client has changed its keys so often, which the server has to hear.
    private func updated(_ count: Int) throws -> Handshake {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(), sites.client(.tls13))
        pair.run()
        for _ in 0..<count {
            let isUpdated = pair.client.updateKeys()
            let outcome = pair.prompt()
            #expect(isUpdated && outcome == .done)
        }
        return pair
    }

    /// Hundreds of KeyUpdates and a byte behind them came in one read, and counted for nothing.
    @Test("A byte at the end of many KeyUpdates does not hide them")
    func hiddenKeyUpdates() throws {
        var pair = try updated(40)
        let there = pair.send([1])
        let counted = pair.server.keyUpdatesWithoutBytes
        #expect(there == [1] && counted == 40)
        let more = pair.send([2])
        let after = pair.server.keyUpdatesWithoutBytes
        #expect(more == [2] && after == 0)
    }

    /// Thousands came in one read, and each was answered before anybody could judge.
    @Test("What comes behind too many KeyUpdates is not looked at", arguments: [1, 32])
    func limitedKeyUpdates(_ limit: Int) throws {
        var pair = try updated(40)
        let isWritten = pair.seal([1])
        #expect(isWritten)
        let input = Handshake.take(.max, from: &pair.toServer)
        var plaintext = ByteQueue()
        var answers = ByteQueue()
        let outcome = pair.server.read(
            input.span, into: &plaintext, output: &answers, idleLimit: limit)
        #expect(outcome == .bytes(0))
        let (counted, answered) = (pair.server.keyUpdatesWithoutBytes, answers.count)
        // Header 5, message 5, type 1, tag 16 (RFC 8446 §5.2); the last answer waits for bytes.
        #expect(counted == limit && answered <= limit * 27)
    }

    @Test("TLS 1.2 has no KeyUpdate, and TLS 1.3 no renegotiation")
    func onlyInOne() throws {
        let sites = try TestSites()
        for (version, canUpdate) in [(TLSVersion.tls12, false), (.tls13, true)] {
            var pair = try Handshake(sites.context(), sites.client(version))
            pair.run()
            let updates = pair.client.updateKeys()
            let renegotiates = pair.client.renegotiate()
            #expect(updates == canUpdate && renegotiates == !canUpdate)
        }
    }
}
