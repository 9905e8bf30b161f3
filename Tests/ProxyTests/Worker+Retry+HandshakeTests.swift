import Config
import Dispatch
import HTTP
import Platform
import Synchronization
import TLS
import TestSupport
import Testing

@testable import Proxy

/// What is kept of a body while its next attempt shakes hands.
@Suite("Worker+Retry+Handshake", .serialized)
struct WorkerRetryHandshakeTests {
    private static let chunks = "5\r\nhello\r\n0\r\n\r\n"

    /// What comes up to the last chunk, or to the end of the stream.
    private static func body(_ connection: TLSOriginConnection) -> String {
        var body: [UInt8] = []
        while !body.suffix(5).elementsEqual("0\r\n\r\n".utf8) {
            let next = connection.read(1)
            if next.isEmpty { break }
            body += Array(next.utf8)
        }
        return String(decoding: body, as: UTF8.self)
    }

    /// The ClientHello of the second connection counted as a part of the request that a server may
    /// have seen: what was kept of the body was dropped, and the server got an empty one.
    @Test("A body of which no server has seen a byte survives the handshake of the next attempt")
    func keptBody() throws {
        let bodies = Mutex<[String]>([])
        let ends = DispatchSemaphore(value: 0)
        let authority = try TestAuthority()
        let origin = try TLSOrigin(authority.issue("origin.test")) { connection in
            while let request = connection.readHead() {
                if request.hasPrefix("POST ") {
                    let body = WorkerRetryHandshakeTests.body(connection)
                    bodies.withLock { $0.append(body) }
                    connection.send(WorkerExchangeTests.ok)
                    continue
                }
                connection.send(WorkerExchangeTests.ok)
                ends.wait()
                connection.close()
                connection.finish()
                return
            }
        }
        var terms = TLSClientTerms(
            authorities: try ClientAuthorities(pem: authority.pair.certificate))
        terms.applicationProtocol = "http/1.1"
        let tls = ServerTLS(context: try TLSClientContext(terms), serverName: "origin.test")
        let driven = try DrivenWorker(
            WorkerSetup(sites: [.init(servers: [origin.address], tls: tls)]))
        let peer = try Peer(driven.address)
        try peer.send(WorkerExchangeTests.get)
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().body == "ok")
        try driven.turn("a connection at rest") { driven.upstream?.phase == .idle }
        // The request is taken and not sent when the server ends its connection.
        try peer.send(
            head("POST / HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked")
                + WorkerRetryHandshakeTests.chunks)
        try Deadline.wait("the request") {
            let now = driven.worker.now
            driven.worker.hearClients(driven.worker.poller.wait(until: now, now: now))
            return driven.upstream?.phase == .busy
        }
        ends.signal()
        try Deadline.wait("the server's end") {
            driven.upstream?.socket.isReadableOrClosed() == true
        }
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().status == 200)
        #expect(bodies.withLock { $0 } == [WorkerRetryHandshakeTests.chunks])
        #expect(origin.connectionCount == 2)
    }
}
