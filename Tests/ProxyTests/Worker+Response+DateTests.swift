import Bytes
import Config
import HTTP
import Platform
import TLS
import TestSupport
import Testing

@testable import Proxy

/// Whoever has a clock and passes on a response without `Date` says when it came (RFC 9110
/// §6.6.1).
@Suite("Worker+Response+Date", .serialized)
struct WorkerResponseDateTests {
    /// A server whose responses have this date, or none.
    private func server(date: String?) throws -> Origin {
        let line = date.map { "Date: \($0)\r\n" } ?? ""
        return try Origin { connection in
            while connection.readHead() != nil {
                connection.send("HTTP/1.1 200 OK\r\n\(line)Content-Length: 2\r\n\r\nok")
            }
        }
    }

    private func check(_ dates: [String], sent: String?) {
        if let sent {
            #expect(dates == [sent])
        } else {
            #expect(dates.count == 1)
            #expect(dates.first?.count == 29)
            #expect(dates.first?.hasSuffix(" GMT") == true)
        }
    }

    /// The dates of a response to a client of HTTP/1.1.
    private func ask(_ peer: Peer) throws -> [String] {
        try peer.send(WorkerResponseTests.get)
        let reply = try peer.reply()
        #expect(reply.status == 200)
        return reply.fields.filter { $0.name == "date" }.map { $0.value }
    }

    @Test(
        "A response has one date: the server's, or ours where that says none",
        arguments: [nil, "Tue, 15 Nov 1994 08:12:31 GMT"] as [String?])
    func http1(sent: String?) throws {
        let origin = try server(date: sent)
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        for _ in 0..<2 { check(try ask(peer), sent: sent) }
        try worker.stop()
    }

    @Test(
        "A response over HTTP/2 has one date: the server's, or ours where that says none",
        arguments: [nil, "Tue, 15 Nov 1994 08:12:31 GMT"] as [String?])
    func http2(sent: String?) throws {
        let origin = try server(date: sent)
        let authority = try TestAuthority()
        let pair = try authority.issue("localhost")
        let credential = try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        let worker = try RunningWorker()
        let listener = try WorkerSetup.listen()
        var setup = WorkerSetup(sites: [.init(credential: credential, servers: [origin.address])])
        setup.protocols = ["h2"]
        try worker.install(setup, on: listener)
        let context = try TLSClientContext(trusted: authority.pair.certificate, alpn: ["h2"])
        let peer = try Peer(listener.address, tls: context, serverName: "localhost")
        let reader = try DateReader(over: peer)
        check(try reader.finish(), sent: sent)
        try worker.stop()
    }

    @Test("A response of a server of HTTP/2 without a date gets one as well")
    func sharedConnection() throws {
        let origin = try Origin(StreamOrigin.script(WorkerSharedTests.echo))
        let (worker, address) = try RunningWorker.plain(origin.address, speaks: .h2c)
        let peer = try Peer(address)
        for _ in 0..<2 { check(try ask(peer), sent: nil) }
        try worker.stop()
    }
}

/// A client of HTTP/2 that asks once, and keeps all dates of the response.
private final class DateReader: HTTP2BodySource {
    private let peer: Peer
    private let session: HTTP2Session
    private var dates: [String]?

    /// Asks on a connection that has agreed on HTTP/2.
    init(over peer: Peer) throws {
        self.peer = peer
        session = try HTTP2Session(role: .client, milliseconds: 0)
        var message = HTTP2Message()
        message.add(":method", "GET")
        message.add(":scheme", "https")
        message.add(":authority", "localhost")
        message.add(":path", "/")
        guard session.submitRequest(message, endsStream: true) != nil else {
            throw TestFailure("no stream can be opened")
        }
        try flush()
    }

    /// Reads until the head of the response has come.
    func finish() throws -> [String] {
        while true {
            try take()
            if let dates { return dates }
            guard try peer.receive() else { throw TestFailure("there is no response") }
        }
    }

    private func take() throws {
        let bytes = peer.take(peer.receivedCount)
        session.receive(bytes.span, milliseconds: 0)
        while let event = session.nextEvent() {
            guard case .response = event else { continue }
            var head = ResponseHead()
            session.takeResponse(into: &head)
            dates = DateReader.dates(of: head.fields)
        }
        try flush()
    }

    private static func dates(of fields: borrowing FieldBlock) -> [String] {
        var dates: [String] = []
        for index in 0..<fields.count {
            let name = String(copying: fields.name(index))
            if name == "date" { dates.append(String(copying: fields.value(index))) }
        }
        return dates
    }

    private func flush() throws {
        var output = ByteQueue()
        while session.wantsWrite {
            let before = output.count
            session.write(to: &output, upTo: 1 << 20, from: self)
            if output.count == before { break }
        }
        try peer.send(Array(copying: output.bytes))
    }

    func nextPiece(of stream: Int32, token: Int, limit: Int) -> HTTP2Piece { .end }

    func writePiece(of stream: Int32, token: Int, count: Int, to output: inout ByteQueue) {}
}
