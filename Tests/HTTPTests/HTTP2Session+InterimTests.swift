import Testing

@testable import HTTP

/// Interim responses, and more of them than anybody has use for.
struct HTTP2SessionInterimTests {
    /// A client that has asked for something on streams 1 and 3.
    private func client() throws -> HTTP2Probe {
        let probe = try HTTP2Probe(.client)
        probe.feed(Wire.settings() + Wire.settingsAck)
        #expect(probe.request(Wire.get) == 1)
        #expect(probe.request(Wire.get) == 3)
        probe.write()
        (probe.log, probe.output) = ([], [])
        return probe
    }

    private func hints(_ count: Int) -> [UInt8] {
        let hint = Wire.headers(1, [(":status", "103")], end: false)
        return (0..<count).flatMap { _ in hint }
    }

    @Test(
        "As many interim responses in one go as may be are told, and one more is too many",
        arguments: [-1, 0, 1])
    func limit(beyond: Int) throws {
        let probe = try client()
        let count = HTTP2Session.interimLimit + beyond
        probe.feed(hints(count) + Wire.headers(1, [(":status", "204")]))
        let hint = "response 1 2001 103 none []"
        let told = Array(repeating: hint, count: min(count, HTTP2Session.interimLimit))
        if beyond <= 0 {
            #expect(probe.log == told + ["response 1 2001 204 none [] end"])
            #expect(probe.frames().isEmpty)
        } else {
            #expect(Array(probe.log.prefix(told.count)) == told)
            #expect(probe.log.count { $0.hasPrefix("reset 1 2001 ") } == 1)
        }
        #expect(probe.fault == nil)
    }

    /// In memory they are larger than what came.
    @Test("Interim responses beyond a mebibyte in one input are passed over, and no stream is lost")
    func large() throws {
        let probe = try HTTP2Probe(.client)
        probe.feed(Wire.settings() + Wire.settingsAck)
        let streams = stride(from: UInt32(1), to: 13, by: 2)
        for stream in streams { #expect(probe.request(Wire.get) == Int32(stream)) }
        probe.write()
        (probe.log, probe.output) = ([], [])
        let value = String(repeating: "x", count: 16_000)
        // As RFC 9113 §6.5.2 counts.
        let size = (":status".utf8.count + 3 + 32) + (1 + 16_000 + 32)
        var input: [UInt8] = []
        for stream in streams {
            for _ in 0..<16 {
                input += Wire.headers(stream, [(":status", "103"), ("x", value)], end: false)
            }
        }
        for stream in streams { input += Wire.headers(stream, [(":status", "204")]) }
        probe.feed(input)
        #expect(probe.log.count { $0.contains(" 103 ") } == HTTP2Session.interimBytesLimit / size)
        #expect(probe.log.count { $0.contains(" 204 ") } == 6)
        #expect(probe.frames().isEmpty && probe.fault == nil)
    }

    /// Each was held until all that came with it was read, however many there were.
    @Test("A server that sends interim responses without end loses their stream, and no other")
    func flood() throws {
        let probe = try client()
        probe.feed(hints(100) + Wire.headers(3, [(":status", "204")]))
        let told = probe.log.count { $0.hasPrefix("response 1 ") }
        #expect(told == HTTP2Session.interimLimit)
        #expect(probe.log.count { $0.hasPrefix("reset 1 2001 ") } == 1)
        #expect(probe.log.last == "response 3 2003 204 none [] end")
        #expect(probe.frames().contains { $0.description.hasPrefix("RST_STREAM 1 ") })
        #expect(probe.fault == nil)
    }
}
