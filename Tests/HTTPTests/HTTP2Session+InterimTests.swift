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

    @Test("Ten interim responses in one go are told, and the final one behind them")
    func few() throws {
        let probe = try client()
        probe.feed(hints(10) + Wire.headers(1, [(":status", "204")]))
        let hint = "response 1 2001 103 none []"
        #expect(
            probe.log == Array(repeating: hint, count: 10) + ["response 1 2001 204 none [] end"])
        #expect(probe.frames().isEmpty)
        #expect(probe.fault == nil)
    }

    /// Each was held until all that came with it was read, however many there were.
    @Test("A server that sends interim responses without end loses their stream, and no other")
    func flood() throws {
        let probe = try client()
        probe.feed(hints(100) + Wire.headers(3, [(":status", "204")]))
        let told = probe.log.count { $0.hasPrefix("response 1 ") }
        #expect((10...16).contains(told), "\(told)")
        #expect(probe.log.count { $0.hasPrefix("reset 1 2001 ") } == 1)
        #expect(probe.log.last == "response 3 2003 204 none [] end")
        #expect(probe.frames().contains { $0.description.hasPrefix("RST_STREAM 1 ") })
        #expect(probe.fault == nil)
    }
}
