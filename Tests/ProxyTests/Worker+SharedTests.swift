import Bytes
import Config
import Foundation
import HTTP
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Proxy

/// Servers that speak HTTP/2, behind clients of HTTP/1.1.
@Suite("Worker+Shared", .serialized)
struct WorkerSharedTests {
    static let get = head("GET /a?b HTTP/1.1", "Host: localhost", "X-Public: yes")

    static func get(_ path: String) -> String { head("GET \(path) HTTP/1.1", "Host: localhost") }

    /// Answers every request with its path.
    @Sendable static func echo(_ origin: StreamOrigin, _ event: HTTP2Event) {
        if case .request(let stream, _) = event { origin.answer(stream, origin.path) }
    }

    private func serve(
        _ act: @escaping @Sendable (StreamOrigin, HTTP2Event) throws -> Void,
        settings: HTTP2Settings = HTTP2Settings(), timeouts: TimeoutConfig = TimeoutConfig(),
        change: @escaping (inout RuntimeSettings) -> Void = { _ in },
        _ body: (Origin, RunningWorker, () throws -> Peer) throws -> Void
    ) throws {
        let origin = try Origin(StreamOrigin.script(settings: settings, act))
        let (worker, address) = try RunningWorker.plain(
            origin.address, timeouts: timeouts, speaks: .h2c, change: change)
        try body(origin, worker) { try Peer(address) }
    }

    @Test("A request becomes a stream, with its fields and what Martlet adds")
    func request() throws {
        let seen = Mutex("")
        let act: @Sendable (StreamOrigin, HTTP2Event) -> Void = { origin, event in
            guard case .request(let stream, _) = event else { return }
            var lines = ["\(String(copying: origin.request.methodBytes)) \(origin.path)"]
            lines.append("authority \(String(copying: origin.request.authority))")
            for index in 0..<origin.request.fields.count {
                lines.append(
                    String(copying: origin.request.fields.name(index)) + ": "
                        + String(copying: origin.request.fields.value(index)))
            }
            seen.withLock { $0 = lines.sorted().joined(separator: "|") }
            origin.answer(stream, "body", [("x-kind", "a")], trailers: [("x-tail", "end")])
        }
        try serve(act) { _, _, connect in
            let peer = try connect()
            try peer.send(
                head(
                    "GET /a?b HTTP/1.1", "Host: localhost", "X-Public: yes", "TE: gzip, trailers",
                    "Connection: te, x-hop", "X-Hop: no", "Upgrade: h2c"))
            let reply = try peer.reply()
            #expect(reply.status == 200)
            #expect(reply.field("x-kind") == "a")
            #expect(reply.field("transfer-encoding") == "chunked")
            #expect(reply.body == "body")
            #expect(reply.trailers == ["x-tail: end"])
            #expect(
                seen.withLock { $0 }
                    == "GET /a?b|authority localhost|te: trailers|x-forwarded-for: 127.0.0.1"
                    + "|x-forwarded-host: localhost|x-forwarded-proto: http|x-public: yes")
        }
    }

    @Test("Requests of several clients are under way on one connection at once")
    func sharing() throws {
        let waiting = Mutex<[Int32]>([])
        try serve { origin, event in
            guard case .request(let stream, _) = event else { return }
            let all = waiting.withLock {
                $0.append(stream)
                return $0
            }
            // The first is answered only once the third is there.
            if all.count == 3 {
                for stream in all.reversed() { origin.answer(stream, "\(stream)") }
            }
        } _: { origin, worker, connect in
            let peers = try (0..<3).map { _ in try connect() }
            for peer in peers { try peer.send(WorkerSharedTests.get) }
            let bodies = try peers.map { try $0.reply().body }
            #expect(Set(bodies) == ["1", "3", "5"])
            #expect(origin.connectionCount == 1)
        }
    }

    @Test("Beyond the bound another connection is opened", arguments: [true, false])
    func bound(isOurs: Bool) throws {
        let waiting = DispatchSemaphore(value: 0)
        var settings = HTTP2Settings()
        if !isOurs { settings.concurrentStreams = 2 }
        try serve(
            { origin, event in
                guard case .request(let stream, _) = event else { return }
                if origin.path == "/wait" { waiting.signal() } else { origin.answer(stream, "ok") }
            }, settings: settings, change: { if isOurs { $0.streamsPerConnection = 2 } }
        ) { origin, _, connect in
            let first = try connect()
            try first.send(WorkerSharedTests.get("/first"))
            _ = try first.reply()
            let peers = try (0..<2).map { _ in try connect() }
            for peer in peers { try peer.send(WorkerSharedTests.get("/wait")) }
            for _ in peers { waiting.wait() }
            #expect(origin.connectionCount == 1)
            try first.send(WorkerSharedTests.get("/more"))
            #expect(try first.reply().body == "ok")
            #expect(origin.connectionCount == 2)
        }
    }

    @Test("A response that ends with its head says that it is empty")
    func empty() throws {
        try serve { origin, event in
            guard case .request(let stream, _) = event else { return }
            origin.respond(stream, "200", endsStream: true)
        } _: { _, _, connect in
            let peer = try connect()
            try peer.send(WorkerSharedTests.get)
            let reply = try peer.reply()
            #expect(reply.field("content-length") == "0")
            try peer.send(head("HEAD / HTTP/1.1", "Host: localhost"))
            #expect(try peer.reply(to: "HEAD").field("content-length") == nil)
        }
    }

    @Test(
        "What the server refuses unread is sent again, whatever the method",
        arguments: [true, false])
    func refused(byGoAway: Bool) throws {
        try serve { origin, event in
            guard case .request(let stream, _) = event else { return }
            if origin.connection.number > 1 {
                origin.answer(stream, "ok")
            } else if byGoAway {
                // The last stream is 0; the streams beyond it were not looked at.
                origin.connection.send(
                    [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] as [UInt8])
            } else {
                origin.session.reset(stream, .refusedStream)
            }
        } _: { origin, worker, connect in
            let peer = try connect()
            try peer.send(head("POST / HTTP/1.1", "Host: localhost", "Content-Length: 0"))
            #expect(try peer.reply().body == "ok")
            #expect(origin.connectionCount == 2)
        }
    }

    @Test("A reset in the middle of a body cuts the client off, without a last chunk")
    func reset() throws {
        try serve { origin, event in
            guard case .request(let stream, _) = event else { return }
            if origin.path == "/ok" { return origin.answer(stream, "ok") }
            origin.respond(stream)
            origin.send(stream, Array("half".utf8), ends: false)
            origin.flush()
            origin.session.reset(stream, .internalError)
        } _: { origin, _, connect in
            let peer = try connect()
            try peer.send(WorkerSharedTests.get)
            let text = try peer.receiveAll()
            #expect(text.hasSuffix("\r\n4\r\nhalf\r\n"), "\(text)")
            #expect(!peer.isCleanlyClosed)
            let other = try connect()
            try other.send(WorkerSharedTests.get("/ok"))
            #expect(try other.reply().body == "ok")
            #expect(origin.connectionCount == 1)
        }
    }

    @Test("A client that leaves ends its stream by CANCEL, and nobody else's")
    func leaving() throws {
        let begun = DispatchSemaphore(value: 0)
        let cancelled = DispatchSemaphore(value: 0)
        try serve { origin, event in
            switch event {
            case .request(let stream, _):
                if origin.path == "/ok" { return origin.answer(stream, "ok") }
                begun.signal()
            case .reset(_, _, .cancel, byPeer: true): cancelled.signal()
            default: break
            }
        } _: { origin, _, connect in
            let peer = try connect()
            try peer.send(WorkerSharedTests.get)
            begun.wait()
            peer.reset()
            #expect(cancelled.wait(timeout: .now() + 30) == .success)
            let other = try connect()
            try other.send(WorkerSharedTests.get("/ok"))
            #expect(try other.reply().body == "ok")
            #expect(origin.connectionCount == 1)
        }
    }

    @Test("A body goes up as it comes, with its length or in chunks, and its trailers")
    func upload() throws {
        let got = Mutex("")
        try serve { origin, event in
            switch event {
            case .data:
                got.withLock { $0 += String(decoding: origin.payload, as: UTF8.self) }
            case .end(let stream, _, let hasTrailers):
                var trailers = FieldBlock()
                if hasTrailers { origin.session.takeTrailers(into: &trailers) }
                let tail = trailers.count > 0 ? String(copying: trailers.value(0)) : "none"
                origin.answer(stream, got.withLock { $0 } + " " + tail)
            default: break
            }
        } _: { _, _, connect in
            let peer = try connect()
            try peer.send(
                head("POST / HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked")
                    + "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Tail: t\r\n\r\n")
            #expect(try peer.reply().body == "abcde t")
            got.withLock { $0 = "" }
            try peer.send(head("POST / HTTP/1.1", "Host: localhost", "Content-Length: 5") + "fgh")
            try peer.send("ij" + WorkerSharedTests.get)
            #expect(try peer.reply().body == "fghij none")
        }
    }

    /// The request was sent into the closed connection, and a POST is not sent twice.
    @Test("An end that epoll has not told yet costs no request")
    func unseenEnd() throws {
        let ends = DispatchSemaphore(value: 0)
        let origin = try Origin(
            StreamOrigin.script { origin, event in
                guard case .request(let stream, _) = event else { return }
                origin.answer(stream, "\(origin.connection.number)")
                guard origin.connection.number == 1 else { return }
                origin.flush()
                ends.wait()
                throw TestFailure("the server ends")
            })
        let driven = try DrivenWorker(origin.address, speaks: .h2c)
        let peer = try Peer(driven.address)
        try peer.send(WorkerSharedTests.get("/"))
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().body == "1")
        try driven.turn("a connection at rest") { driven.upstream?.phase == .idle }
        // The request comes first, so that it is also served first.
        try peer.send(head("POST / HTTP/1.1", "Host: localhost", "Content-Length: 0"))
        ends.signal()
        try Deadline.wait("the server's end") {
            driven.upstream?.socket.isReadableOrClosed() == true
        }
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().body == "2")
    }

    /// Requests leave before the server's SETTINGS have come: each new connection got all of them
    /// again, and who was refused three times got 502.
    @Test("A burst beyond what a server takes on one connection is spread over several")
    func burst() throws {
        var settings = HTTP2Settings()
        settings.concurrentStreams = 2
        let origin = try Origin(
            StreamOrigin.script(
                settings: settings, speaksFirst: false, WorkerSharedTests.echo))
        let driven = try DrivenWorker(origin.address, speaks: .h2c)
        let peers = try (0..<20).map { _ in try Peer(driven.address) }
        for peer in peers { try peer.send(WorkerSharedTests.get) }
        for peer in peers {
            try driven.turn(untilInputFor: peer)
            #expect(try peer.reply().status == 200)
        }
    }
}
