import Bytes
import Testing

@testable import HTTP

/// What a server's session tells, and what it says.
struct HTTP2SessionTests {
    @Test("A server begins with its SETTINGS and its connection window")
    func opening() throws {
        let probe = try HTTP2Probe()
        let frames = probe.frames()
        #expect(frames.map(\.type) == [4, 8])
        #expect(entries(frames[0]) == [3: 128, 8: 1, 9: 1, 4: 262_144, 6: 65_536])
        #expect(frames[1].number(at: 0) == 1_048_576 - 65_535)
        #expect(probe.session.awaitsSettingsAck)
        probe.feed(Wire.preface + Wire.settings() + Wire.settingsAck)
        #expect(!probe.session.awaitsSettingsAck)
        #expect(probe.log == ["settings"])
        #expect(probe.frames().map(\.description) == ["4/1 0 []"])
    }

    @Test("Every setting is announced that differs from the default")
    func announced() throws {
        var settings = HTTP2Settings()
        settings.concurrentStreams = 5
        settings.streamWindow = 1000
        settings.connectionWindow = 65_535
        settings.headerListBytes = 2000
        settings.headerTableBytes = 100
        settings.frameBytes = 20_000
        settings.allowsExtendedConnect = false
        let frames = try HTTP2Probe(settings: settings).frames()
        #expect(frames.map(\.type) == [4])
        #expect(entries(frames[0]) == [1: 100, 3: 5, 4: 1000, 5: 20_000, 6: 2000, 9: 1])
        let client = try HTTP2Probe(.client)
        client.write()
        #expect(Array(client.output.prefix(24)) == Wire.preface)
        let said = WireFrame.read(Array(client.output.dropFirst(24)))
        #expect(said.map(\.type) == [4, 8])
        #expect(entries(said[0]) == [2: 0, 4: 262_144, 6: 65_536])
    }

    private func entries(_ frame: WireFrame) -> [UInt8: UInt32] {
        var entries: [UInt8: UInt32] = [:]
        for index in 0..<(frame.payload.count / 6) {
            entries[frame.payload[6 * index + 1]] = frame.number(at: 6 * index + 2)
        }
        return entries
    }

    @Test(
        "A connection that does not begin with the preface and SETTINGS is ended",
        arguments: [
            Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8),
            Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\rX".utf8),
            Wire.preface + Wire.headers(1), Wire.preface + Wire.settingsAck,
            Wire.preface + Wire.ping(), Wire.preface + Wire.frame(0xfe),
            Wire.preface + Wire.frame(4, [], length: 16_385),
        ])
    func preface(_ bytes: [UInt8]) throws {
        for ends in [[bytes.count], Array(1...bytes.count)] {
            let probe = try HTTP2Probe()
            probe.feed(bytes, ends: ends)
            let isTooLarge = bytes.count > 27 && bytes[25] == 0x40
            #expect(probe.fault == .violation(isTooLarge ? .frameSizeError : .protocolError))
            #expect(probe.frames().contains { $0.type == 7 })
            #expect(probe.session.isOver)
        }
    }

    @Test("A request is told with its body and its trailers, and answered")
    func request() throws {
        let probe = try HTTP2Probe.server()
        probe.feed(
            Wire.headers(1, Wire.post + [("x", "1")], end: false)
                + Wire.data(1, Array("hello".utf8)) + Wire.headers(1, [("y", "2")]))
        #expect(
            probe.log == [
                "request 1 POST a / chunked [\"x: 1\"]", "data 1 1001 hello",
                "end 1 1001 [\"y: 2\"]",
            ])
        probe.respond(1, "200", [("X-A", "b")], body: .init(bytes: [1, 2, 3], isComplete: true))
        #expect(probe.frames().map(\.description) == ["HEADERS 1", "DATA 1 3 end"])
        #expect(probe.session.openStreams == 0)
        #expect(probe.log.count == 3)
    }

    @Test("A request's fields are what HTTP/1.1 would have told")
    func fields() throws {
        let probe = try HTTP2Probe.server()
        probe.feed(
            Wire.headers(
                1,
                [
                    (":method", "PUT"), (":scheme", "https"), (":authority", "A.example:8443"),
                    (":path", "/a/b?c=d?e"), ("cookie", "a=b"), ("x", ""), ("cookie", "c=d"),
                    ("te", "trailers"), ("cookie", "e"), ("content-length", "007"),
                    ("expect", "100-continue"),
                ], end: false))
        var head = RequestHead()
        #expect(
            probe.log == [
                "request 1 PUT A.example:8443 /a/b?c=d?e length(7) "
                    + "[\"cookie: a=b; c=d; e\", \"x: \", \"te: trailers\", "
                    + "\"content-length: 7\", \"expect: 100-continue\"]"
            ])
        let other = try HTTP2Session(role: .server, milliseconds: 0)
        _ = other.receive(
            (Wire.preface + Wire.settings() + Wire.headers(1, Wire.get + [("te", "trailers")]))
                .span, milliseconds: 0)
        while let event = other.nextEvent() {
            if case .request = event { other.takeRequest(into: &head) }
        }
        let facts = RequestFacts(.complete(consumed: 0), head)
        #expect(facts.version == .http2)
        #expect(facts.isKeepAlive)
        #expect(facts.hopByHop == ["te: trailers"])
        #expect((facts.host, facts.path, facts.pathAndQuery) == ("a", "/", "/"))
        #expect(facts.framing == .none)
    }

    /// An empty part left a `; ` in front of the cookie or behind it.
    @Test(
        "A cookie's empty parts add nothing",
        arguments: [
            (["", "a"], "a"), (["a", ""], "a"), (["", "", "a", "", "b", ""], "a; b"),
            (["", ""], ""),
            ([""], ""), (["a=", "b"], "a=; b"),
        ])
    func emptyCookies(_ parts: [String], _ cookie: String) throws {
        let probe = try HTTP2Probe.server()
        probe.feed(Wire.headers(1, Wire.get + parts.map { ("cookie", $0) }))
        #expect(probe.log == ["request 1 GET a / none [\"cookie: \(cookie)\"] end"])
    }

    @Test("A tunnel of another protocol is told with its protocol")
    func tunnel() throws {
        let fields = [
            (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"),
            (":path", "/chat"), (":authority", "a"),
        ]
        let probe = try HTTP2Probe.server()
        probe.feed(Wire.headers(1, fields, end: false) + Wire.data(1, [65]))
        #expect(probe.log == ["request 1 CONNECT a /chat websocket none []", "data 1 1001 A"])
        var settings = HTTP2Settings()
        settings.allowsExtendedConnect = false
        let other = try HTTP2Probe.server(settings: settings)
        other.feed(Wire.headers(1, fields, end: false))
        #expect(other.log == [])
        #expect(other.frames().map(\.description) == ["RST_STREAM 1 protocol_error"])
    }

    @Test("What deserves a status gets one, and the request's body is dropped", arguments: refusals)
    func refused(_ fields: [(String, String)], _ fault: HTTPFault) throws {
        let probe = try HTTP2Probe.server()
        let block = Wire.block(fields)
        var frames: [UInt8] = []
        var start = 0
        while start < block.count {
            let part = Array(block[start..<min(start + 16_384, block.count)])
            let isLast = start + part.count == block.count
            frames += Wire.frame(
                start == 0 ? 1 : 9, flags: isLast ? 4 : 0, stream: 1, part)
            start += part.count
        }
        probe.feed(frames + Wire.data(1, [1, 2, 3]))
        #expect(probe.log == ["refused 1 \(fault.label)"])
        let written = probe.frames()
        #expect(written.map(\.description) == ["HEADERS 1 end", "RST_STREAM 1 no_error"])
        probe.feed(Wire.data(1, [1], end: true) + Wire.headers(3))
        #expect(probe.log.count == 2)
        #expect(probe.frames().isEmpty)
    }

    private static let long = String(repeating: "y", count: 65_530)
    private static let many = (0...100).map { ("x\($0)", "") }

    private static let refusals: [([(String, String)], HTTPFault)] = [
        ([(":method", "CONNECT"), (":authority", "a:1")], .connectRefused),
        (Array(Wire.get.dropLast()), .missingHost),
        (Wire.get.dropLast() + [(":authority", "a b")], .badHost),
        (Wire.get + [("expect", "a")], .badExpectation),
        (Wire.get + many, .tooManyFields),
        (Wire.get + [("x", long)], .headTooLarge),
        ([(":path", "/" + long)] + Wire.get.dropLast(), .targetTooLong),
    ]

    @Test("An answer may be complete before its request")
    func early() throws {
        let probe = try HTTP2Probe.server()
        probe.feed(Wire.headers(1, Wire.post, end: false))
        probe.respond(1, "200", body: .init(bytes: [1], isComplete: true))
        probe.session.reset(1, .noError)
        #expect(
            probe.frames().map(\.description) == [
                "HEADERS 1", "DATA 1 1 end", "RST_STREAM 1 no_error",
            ])
        #expect(probe.session.openStreams == 0)
        probe.feed(Wire.data(1, [1, 2]))
        #expect(probe.log.count == 1)
        #expect(probe.fault == nil)
    }
}
