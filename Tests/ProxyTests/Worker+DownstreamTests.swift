import Foundation
import TLS
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+Downstream")
struct WorkerDownstreamTests {
    /// The kernel was given the ticket by itself before: one write more for each handshake.
    @Test("A ticket leaves with the response where the request came with the client's Finished")
    func ticket() throws {
        let go = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            _ = connection.readHead()
            go.wait()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        let (worker, connect) = try tlsWorker(origin)
        let peer = try connect("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try Deadline.wait("the request") { origin.heads.count == 1 }
        try worker.settle()
        #expect(!peer.hasInput(within: .zero))
        go.signal()
        #expect(try peer.reply().status == 200)
        #expect(peer.ticket != nil)
        try worker.stop()
    }

    @Test("A ticket that waits for a request leaves with the answer to its delay")
    func ticketOfLateRequest() throws {
        let origin = try Origin { $0.echo() }
        let (worker, connect) = try tlsWorker(origin)
        let peer = try connect("G")
        try worker.settle()
        try worker.advance(by: .seconds(3_600))
        #expect(try peer.reply().status == 408)
        #expect(peer.ticket != nil)
        try worker.stop()
    }

    /// A worker with a certificate, and a client that sends something with its Finished.
    private func tlsWorker(_ origin: Origin) throws -> (RunningWorker, (String) throws -> Peer) {
        let authority = try TestAuthority()
        let pair = try authority.issue("localhost")
        let worker = try RunningWorker()
        let listener = try WorkerSetup.listen()
        let site = WorkerSetup.Site(
            credential: try Credential(chainPEM: pair.certificate, keyPEM: pair.key),
            servers: [origin.address])
        try worker.install(WorkerSetup(sites: [site]), on: listener)
        let client = try TLSClientContext(trusted: authority.pair.certificate)
        return (
            worker,
            { text in
                try Peer(
                    listener.address, tls: client, serverName: "localhost", behindFinished: text)
            }
        )
    }
}
