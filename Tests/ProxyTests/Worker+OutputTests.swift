import Config
import Foundation
import Platform
import TLS
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+Output", .serialized)
struct WorkerOutputTests {
    /// The server's time to answer ran from the request's head: an upload that took longer than
    /// that was 504, although the server took it all the while.
    @Test("A server that takes a long request bit by bit has its time again with each bit")
    func slowUpload() throws {
        let size = 16 << 20
        let step = 2 << 20
        let go = DispatchSemaphore(value: 0)
        let taken = DispatchSemaphore(value: 0)
        // The buffers of a Unix socket are small, whatever the machine.
        let folder = try TemporaryFolder()
        let origin = try Origin(at: .unix(folder.path("o"))) { connection in
            _ = connection.readHead()
            var count = 0
            while count < size {
                go.wait()
                count += connection.read(step).utf8.count
                taken.signal()
            }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        let driven = try DrivenWorker(origin.address) {
            $0.timeouts.upstreamFirstByte = .seconds(1_000)
            $0.timeouts.requestBody = .seconds(1_000_000)
        }
        let peer = try Peer(driven.address)
        try peer.send(head("POST / HTTP/1.1", "Host: localhost", "Content-Length: \(size)"))
        peer.sendInBackground([UInt8](repeating: 120, count: size))
        for _ in 0..<(size / step) {
            // The server's buffers are full, and it is its turn.
            try driven.turn("a full buffer, or the end") {
                driven.isUpstreamFull || driven.upstream?.exchange?.isBodyTaken == true
            }
            driven.advance(by: .seconds(300))
            go.signal()
            try driven.turn("progress") { taken.wait(timeout: .now()) == .success }
        }
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().status == 200)
    }

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

    @Test("A server that takes nothing of a request is given up")
    func stuckUpload() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            DispatchSemaphore(value: 0).wait()
        }
        let driven = try DrivenWorker(origin.address) {
            $0.timeouts.requestBody = .seconds(1_000_000)
        }
        let peer = try Peer(driven.address)
        let size = 64 << 20
        try peer.send(head("POST / HTTP/1.1", "Host: localhost", "Content-Length: \(size)"))
        peer.sendInBackground([UInt8](repeating: 10, count: size))
        try driven.turn("a full buffer") { driven.isUpstreamFull }
        try driven.turn("the end of the wait") {
            driven.advance(by: .seconds(61))
            return driven.upstream == nil
        }
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().status == 504)
    }
}
