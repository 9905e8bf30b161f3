import Bytes
import Testing

@testable import TLS

/// Bytes that no honest client sends, at every place of its flights.
struct TransportTests {
    /// Checks what holds for any bytes: the session goes on or ends for good, and OpenSSL's queue
    /// of errors is empty.
    private static func check(_ pair: inout Handshake, _ comment: Comment) {
        let isEmpty = ErrorQueue.take() == nil
        #expect(isEmpty, comment)
        guard case .failed = pair.serverOutcome else { return }
        let hasVersion = pair.server.version != nil
        #expect(!hasVersion, comment)
        let isWritten = pair.sealAnswer([1])
        let lengthBefore = pair.toClient.count
        pair.server.close(output: &pair.toClient)
        let isSilent = pair.toClient.count == lengthBefore
        #expect(!isWritten && isSilent, comment)
    }

    @Test(
        "A ClientHello with any byte changed is answered or refused", arguments: TLSVersion.allCases
    )
    func changedHello(_ version: TLSVersion) throws {
        let sites = try TestSites()
        let (server, client) = (
            try sites.context(alpn: ["h2"]), try sites.client(version, alpn: ["h2"])
        )
        var outcomes: Set<String> = []
        var length = 1
        var place = 0
        while place < length {
            for mask in [0x01, 0x80, 0xff] as [UInt8] {
                var pair = try Handshake(server, client)
                pair.begin()
                var hello = Handshake.take(.max, from: &pair.toServer)
                length = hello.count
                hello[place] ^= mask
                pair.deliverToServer(hello)
                TransportTests.check(&pair, "byte \(place), mask \(mask)")
                outcomes.insert("\(pair.serverOutcome)")
            }
            place += 1
        }
        // The random number may be any; lengths may not.
        #expect(outcomes.count >= 3)
    }

    @Test("A Finished with any byte changed is refused", arguments: TLSVersion.allCases)
    func changedFinished(_ version: TLSVersion) throws {
        let sites = try TestSites()
        let (server, client) = (try sites.context(), try sites.client(version))
        var length = 1
        var place = 0
        while place < length {
            var pair = try Handshake(server, client)
            pair.begin()
            pair.deliverToServer(Handshake.take(.max, from: &pair.toServer))
            pair.deliverToClient(Handshake.take(.max, from: &pair.toClient))
            var flight = Handshake.take(.max, from: &pair.toServer)
            length = flight.count
            flight[place] ^= 0x04
            pair.deliverToServer(flight)
            let outcome = pair.serverOutcome
            #expect(outcome != .done, "byte \(place) of \(length)")
            TransportTests.check(&pair, "byte \(place) of \(length)")
            place += 1
        }
        #expect(length > 50)
    }

    @Test("A flight that ends anywhere waits for its rest", arguments: TLSVersion.allCases)
    func cutFinished(_ version: TLSVersion) throws {
        let sites = try TestSites()
        let (server, client) = (try sites.context(), try sites.client(version))
        var length = 2
        var count = 1
        while count < length {
            var pair = try Handshake(server, client)
            pair.begin()
            pair.deliverToServer(Handshake.take(.max, from: &pair.toServer))
            pair.deliverToClient(Handshake.take(.max, from: &pair.toClient))
            length = pair.toServer.count
            pair.deliverToServer(Handshake.take(count, from: &pair.toServer))
            let outcome = pair.serverOutcome
            #expect(outcome == .needsInput)
            TransportTests.check(&pair, "\(count) of \(length)")
            count += 1
        }
    }
}
