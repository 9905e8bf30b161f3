import Testing

@testable import HTTP

/// What a session says first, and a first request.
struct HTTP2SessionTests {
    @Test("A server begins with its SETTINGS and its connection window")
    func opening() throws {
        let probe = try HTTP2Probe()
        let frames = probe.frames()
        #expect(frames.map(\.type) == [4, 8])
        let first = frames[0]
        var entries: [UInt8: UInt32] = [:]
        for index in 0..<(first.payload.count / 6) {
            entries[first.payload[6 * index + 1]] = first.number(at: 6 * index + 2)
        }
        #expect(entries == [3: 128, 8: 1, 9: 1, 4: 262_144, 6: 65_536])
        #expect(frames[1].number(at: 0) == 1_048_576 - 65_535)
        #expect(probe.session.awaitsSettingsAck)
        probe.feed(Wire.preface + Wire.settings() + Wire.settingsAck)
        #expect(!probe.session.awaitsSettingsAck)
        #expect(probe.log == ["settings"])
    }

    @Test("A request is told with its body and its trailers")
    func request() throws {
        let probe = try HTTP2Probe.server()
        probe.feed(
            Wire.headers(1, Wire.post + [("x", "1")], end: false)
                + Wire.data(1, Array("hello".utf8))
                + Wire.headers(1, [("y", "2")]))
        #expect(
            probe.log == [
                "request 1 POST a / chunked [\"x: 1\"]", "data 1 1001 hello",
                "end 1 1001 [\"y: 2\"]",
            ])
        probe.respond(1, "200", [("X-A", "b")], body: .init(bytes: [1, 2, 3], isComplete: true))
        let frames = probe.frames()
        #expect(frames.map(\.description) == ["HEADERS 1", "DATA 1 3 end"])
        #expect(probe.session.openStreams == 0)
        #expect(probe.log.count == 3)
    }
}
