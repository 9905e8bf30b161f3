import TLS
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+UpstreamTLS+Tickets", .serialized)
struct WorkerUpstreamTLSTicketsTests {
    /// A session of TLS 1.2 stayed where it was: each handshake offered it, and failed.
    @Test("Behind a handshake that has failed no session is resumed")
    func failed() throws {
        let authority = try TestAuthority()
        let origin = try TLSOrigin(
            authority.issue("origin.test"),
            prologue: { connection in
                guard connection.number == 2 else { return }
                // A fatal alert, handshake_failure (RFC 5246 §7.2).
                connection.send([21, 3, 3, 0, 2, 2, 40])
                connection.finish()
                _ = connection.readToEnd()
            },
            { connection in
                _ = connection.readHead()
                let facts = connection.facts
                connection.send(
                    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: \(facts.utf8.count)"
                        + "\r\n\r\n\(facts)")
                connection.close()
                connection.finish()
                connection.readToEnd()
            })
        var terms = TLSClientTerms(
            authorities: try ClientAuthorities(pem: authority.pair.certificate))
        terms.applicationProtocol = "http/1.1"
        terms.versions = .tls12 ... .tls12
        let tls = ServerTLS(context: try TLSClientContext(terms), serverName: "origin.test")
        let worker = try RunningWorker()
        let listener = try WorkerSetup.listen()
        try worker.install(
            WorkerSetup(sites: [.init(servers: [origin.address], tls: tls)]), on: listener)
        var bodies: [String] = []
        for _ in 0..<4 {
            let peer = try Peer(listener.address)
            try peer.send(WorkerUpstreamTLSTests.ask)
            let reply = try peer.reply()
            if reply.status == 200 { bodies.append(reply.body) }
        }
        #expect(bodies.count >= 3)
        let resumed = bodies.prefix(3).map { $0.contains("resumed=true ") }
        #expect(resumed == [false, false, true], "\(bodies)")
        try worker.stop()
    }
}
