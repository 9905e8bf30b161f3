import Bytes
import Testing

@testable import HTTP

/// A client's and a server's session, joined.
struct HTTP2SessionOutputTests {
    /// A client and a server that know each other's SETTINGS.
    private func pair(
        _ settings: HTTP2Settings = .init(), client: HTTP2Settings = .init()
    ) throws -> (client: HTTP2Probe, server: HTTP2Probe) {
        let pair = (
            try HTTP2Probe(.client, settings: client), try HTTP2Probe(.server, settings: settings)
        )
        exchange(pair.0, pair.1)
        #expect(pair.0.log == ["settings"])
        pair.0.log = []
        pair.1.log = []
        return pair
    }

    private func body(_ count: Int, trailers: [(String, String)]? = nil) -> HTTP2Probe.Body {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        return HTTP2Probe.Body(bytes: bytes, isComplete: true, trailers: trailers)
    }

    @Test("A request and its answer come as they were sent")
    func simple() throws {
        let (client, server) = try pair()
        #expect(client.session.peerConcurrentStreams == 128)
        #expect(client.session.peerAllowsExtendedConnect)
        let stream = try #require(client.request(Wire.get + [("X-Upper", "A b")]))
        exchange(client, server)
        #expect(server.log == ["request 1 GET a / none [\"x-upper: A b\"] end"])
        server.respond(stream, "200", [("content-length", "0")])
        exchange(client, server)
        #expect(client.log == ["response 1 2001 200 length(0) [\"content-length: 0\"] end"])
        #expect(client.session.openStreams == 0)
        #expect(server.session.openStreams == 0)
    }

    @Test("Bodies go both ways through small windows", arguments: [1, 1000, 65_535, 262_144])
    func bodies(_ window: Int) throws {
        var settings = HTTP2Settings()
        settings.streamWindow = window
        settings.connectionWindow = 65_535
        let (client, server) = try pair(settings, client: settings)
        let size = window == 1 ? 500 : 300_000
        let sent = body(size, trailers: [("t", "1")])
        let stream = try #require(client.request(Wire.post, body: sent))
        exchange(client, server)
        #expect(server.received[1] == sent.bytes)
        #expect(server.log.last == "end 1 1001 [\"t: 1\"]")
        server.respond(stream, "200", body: body(size + 1, trailers: [("u", "2")]))
        exchange(client, server)
        #expect(client.received[1] == body(size + 1).bytes)
        #expect(client.log.first == "response 1 2001 200 chunked []")
        #expect(client.log.last == "end 1 2001 [\"u: 2\"]")
        #expect(client.session.openStreams + server.session.openStreams == 0)
    }

    @Test("A body that nobody takes stops at the window, and goes on with credit")
    func stalled() throws {
        let (client, server) = try pair()
        client.consumes = false
        #expect(client.request(Wire.get) == 1)
        exchange(client, server)
        server.respond(1, "200", body: body(400_000))
        exchange(client, server)
        #expect(client.received[1]?.count == 262_144)
        #expect(server.session.isStalled(1))
        #expect(!server.session.wantsWrite)
        client.session.consumed(262_144, of: 1)
        client.consumes = true
        exchange(client, server)
        #expect(client.received[1]?.count == 400_000)
        #expect(!server.session.isStalled(1))
    }

    @Test("A body that has nothing to say waits, and goes on where it is resumed")
    func waiting() throws {
        let (client, server) = try pair()
        #expect(client.request(Wire.get) == 1)
        exchange(client, server)
        server.respond(1, "200", body: .init())
        exchange(client, server)
        #expect(!server.session.wantsWrite)
        #expect(!server.session.isStalled(1))
        server.bodies[1] = .init(bytes: [65, 66])
        server.session.resume(1)
        exchange(client, server)
        #expect(client.log.last == "data 1 2001 AB")
        server.bodies[1] = .init(isComplete: true)
        server.session.resume(1)
        exchange(client, server)
        #expect(client.log.last == "end 1 2001 []")
    }

    @Test("Interim responses come before the final one")
    func interim() throws {
        let (client, server) = try pair()
        #expect(client.request(Wire.post, body: .init()) == 1)
        exchange(client, server)
        #expect(server.interim(1, "100"))
        #expect(server.interim(1, "103"))
        exchange(client, server)
        server.respond(1, "200")
        exchange(client, server)
        #expect(
            client.log == [
                "response 1 2001 100 none []", "response 1 2001 103 none []",
                "response 1 2001 200 none [] end",
            ])
    }

    @Test("Either side may reset, and the other is told with the code")
    func resets() throws {
        let (client, server) = try pair()
        for code in HTTP2ErrorCode.allCases {
            let stream = try #require(client.request(Wire.post, body: .init()))
            exchange(client, server)
            let fromServer = code.rawValue % 2 == 0
            (server.log, client.log) = ([], [])
            if fromServer {
                server.session.reset(stream, code)
            } else {
                client.session.reset(stream, code)
            }
            exchange(client, server)
            let token = Int(stream) + (fromServer ? 2000 : 1000)
            let line = "reset \(stream) \(token) \(code.label) by peer"
            #expect(client.log == (fromServer ? [line] : []))
            #expect(server.log == (fromServer ? [] : [line]))
            #expect(client.session.openStreams + server.session.openStreams == 0)
        }
    }

    @Test("A body that fails resets its stream, and what follows is not told")
    func failing() throws {
        let (client, server) = try pair()
        #expect(client.request(Wire.post, body: .init()) == 1)
        exchange(client, server)
        server.respond(1, "200", body: .init(bytes: [65], failure: .cancel))
        exchange(client, server)
        #expect(client.log.last == "reset 1 2001 cancel by peer")
        #expect(!server.log.contains { $0.hasPrefix("reset") })
    }

    @Test("GOAWAY names the last stream, and those beyond are reset")
    func shutdown() throws {
        let (client, server) = try pair()
        #expect(client.request(Wire.get) == 1)
        exchange(client, server)
        server.session.beginShutdown()
        exchange(client, server)
        #expect(client.log == ["goaway 2147483647 no_error"])
        #expect(client.request(Wire.get) == nil)
        server.session.finishShutdown()
        exchange(client, server)
        #expect(client.log.last == "goaway 1 no_error")
        #expect(!server.session.isOver)
        server.respond(1, "204")
        exchange(client, server)
        #expect(client.log.last == "response 1 2001 204 none [] end")
        #expect(server.session.isOver)
    }

    @Test("A request that crosses GOAWAY is reset as refused")
    func crossed() throws {
        let (client, server) = try pair()
        #expect(client.request(Wire.get) == 1)
        exchange(client, server)
        server.session.finishShutdown()
        #expect(client.request(Wire.get) == 3)
        client.write()
        server.write()
        server.feed(client.output)
        client.feed(server.output)
        #expect(client.log == ["goaway 1 no_error", "reset 3 2003 refused_stream by peer"])
        #expect(server.log.count == 1)
    }

    /// RFC 9113 §6.8: what crosses GOAWAY is ignored, and whoever is still served does not pay.
    @Test("A request with a body that crosses GOAWAY ends nobody else's stream")
    func crossedBody() throws {
        let server = try HTTP2Probe.server()
        server.feed(Wire.headers(1))
        server.session.finishShutdown()
        server.write()
        let trailers = Wire.headers(3, raw: Wire.field("x-a", "b"))
        server.feed(
            Wire.headers(3, Wire.post, end: false) + Wire.data(3, [1, 2]) + trailers
                + Wire.windowUpdate(3, 1) + Wire.reset(3))
        #expect(server.fault == nil)
        #expect(server.log.count == 1)
        #expect(server.respond(1, "204"))
        #expect(server.frames().contains { $0.type == 1 && $0.stream == 1 })
    }

    @Test("An extended CONNECT carries bytes both ways")
    func tunnel() throws {
        let (client, server) = try pair()
        let fields = [
            (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"),
            (":path", "/"), (":authority", "a"),
        ]
        #expect(client.request(fields, body: .init(bytes: [65])) == 1)
        exchange(client, server)
        #expect(server.log == ["request 1 CONNECT a / websocket none []", "data 1 1001 A"])
        server.respond(1, "200", body: .init(bytes: [66]))
        exchange(client, server)
        #expect(client.log == ["response 1 2001 200 chunked []", "data 1 2001 B"])
    }

    @Test("No more streams are opened than the peer allows")
    func concurrency() throws {
        var settings = HTTP2Settings()
        settings.concurrentStreams = 2
        let (client, server) = try pair(settings)
        #expect(client.request(Wire.get) == 1)
        #expect(client.request(Wire.get) == 3)
        #expect(client.request(Wire.get) == nil)
        exchange(client, server)
        server.respond(1, "204")
        exchange(client, server)
        #expect(client.request(Wire.get) == 5)
    }

    @Test("A large answer does not hold up small ones")
    func fairness() throws {
        let (client, server) = try pair()
        for _ in 0..<3 { _ = client.request(Wire.get) }
        exchange(client, server)
        server.respond(1, "200", body: body(200_000))
        server.respond(3, "200", body: body(20_000))
        server.respond(5, "200", body: body(20_000))
        exchange(client, server)
        let small = try #require(server.asked.lastIndex(of: 5))
        let large = try #require(server.asked.lastIndex(of: 1))
        #expect(small < 9, "\(server.asked)")
        #expect(large > 9)
    }

    @Test(
        "The urgent go first, by the request's wish, by PRIORITY_UPDATE, and by the answer's word")
    func urgency() throws {
        let (client, server) = try pair()
        for wish in ["u=5", "u=1", "u=7", "u=3"] {
            _ = client.request(Wire.get + [("priority", wish)])
        }
        exchange(client, server)
        server.feed(Wire.priorityUpdate(5, "u=2"))
        for stream: Int32 in [1, 3, 5] { server.respond(stream, "200", body: body(40_000)) }
        server.respond(7, "200", [("priority", "u=0")], body: body(40_000))
        server.feed(Wire.priorityUpdate(7, "u=6"))
        exchange(client, server)
        var order: [Int32] = []
        for stream in server.asked where order.last != stream { order.append(stream) }
        #expect(order == [7, 3, 5, 1])
    }

    @Test("Frames are written up to a limit, and go on behind it")
    func limited() throws {
        let (client, server) = try pair()
        #expect(client.request(Wire.get) == 1)
        exchange(client, server)
        server.respond(1, "200", body: body(100_000))
        server.write(upTo: 20_000)
        #expect((20_000..<37_000).contains(server.output.count))
        #expect(server.session.wantsWrite)
        exchange(client, server)
        #expect(client.received[1]?.count == 100_000)
    }

    @Test("A head that is larger than a frame goes in CONTINUATION frames")
    func largeHead() throws {
        let (client, server) = try pair()
        #expect(client.request(Wire.get) == 1)
        exchange(client, server)
        let value = String(repeating: "~", count: 50_000)
        server.respond(1, "200", [("x", value)])
        exchange(client, server)
        #expect(client.log == ["response 1 2001 200 none [\"x: \(value)\"] end"])
    }

    @Test("PING is answered")
    func ping() throws {
        let (client, server) = try pair()
        client.session.ping()
        client.write()
        server.feed(client.output)
        #expect(server.frames().map { [$0.type, $0.flags] } == [[6, 1]])
    }

    /// The request was told to have been broken by us, and RST_STREAM named a stream that the
    /// server had never heard of.
    @Test("A request that GOAWAY overtook was refused, and its stream is not mentioned")
    func overtaken() throws {
        let (client, server) = try pair()
        let first = try #require(client.request(Wire.get))
        exchange(client, server)
        // What stands behind SETTINGS lets the session write at once.
        client.feed(Wire.ping())
        _ = client.frames()
        client.log = []
        _ = try #require(client.request(Wire.get))
        client.feed(Wire.goAway(UInt32(first)))
        let frames = client.frames()
        #expect(frames.allSatisfy { $0.stream != UInt32(first) + 2 }, "\(frames) \(client.log)")
        #expect(client.log.contains { $0.hasPrefix("reset 3 ") && $0.contains("refused") })
        #expect(client.session.openStreams == 1)
    }
}
