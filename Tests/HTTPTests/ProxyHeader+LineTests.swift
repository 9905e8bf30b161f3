import Testing

@testable import HTTP

struct ProxyHeaderLineTests {
    private func parse(_ text: String) -> ProxyParseOutcome {
        let bytes = Array(text.utf8)
        return ProxyHeader.parse(bytes.span)
    }

    @Test(
        "A line names the client and where it connected to",
        arguments: [
            (
                "TCP4 192.0.2.1 198.51.100.2 56324 443",
                ProxyEndpoint.ipv4(0xc000_0201, port: 56_324)
            ),
            ("TCP4 0.0.0.0 255.255.255.255 0 65535", .ipv4(0, port: 0)),
            ("TCP6 2001:db8::1 ::1 1 2", .ipv6(0x2001_0db8_0000_0000, 1, port: 1)),
            ("TCP6 ::ffff:192.0.2.1 ::1 1 2", .ipv6(0, 0xffff_c000_0201, port: 1)),
            ("TCP6 1:2:3:4:5:6:7:8 :: 1 2", .ipv6(0x1_0002_0003_0004, 0x5_0006_0007_0008, port: 1)),
            ("TCP6 1:: :: 1 2", .ipv6(0x1_0000_0000_0000, 0, port: 1)),
        ])
    func good(_ text: String, _ source: ProxyEndpoint) {
        guard case .complete(let header, let consumed) = parse("PROXY \(text)\r\n\r\n") else {
            Issue.record("it is refused")
            return
        }
        #expect(header.source == source)
        #expect(header.destination != nil)
        #expect(!header.isLocal)
        #expect(consumed == text.utf8.count + 8)
    }

    @Test("What stands behind UNKNOWN is passed over", arguments: ["", " ", " ffff::1 a b c"])
    func unknown(_ rest: String) {
        let text = "PROXY UNKNOWN\(rest)\r\n"
        #expect(parse(text) == .complete(.unknown, consumed: text.utf8.count))
    }

    @Test(
        "Any other line is refused",
        arguments: [
            "", " ", "TCP4", "TCP5 1.2.3.4 1.2.3.4 1 2", "tcp4 1.2.3.4 1.2.3.4 1 2",
            "TCP4 1.2.3.4 1.2.3.4 1", "TCP4 1.2.3.4 1.2.3.4 1 2 3", "TCP4 1.2.3.4 1.2.3.4 1 2 ",
            "TCP4  1.2.3.4 1.2.3.4 1 2", "TCP4 1.2.3.4\t1.2.3.4 1 2", "TCP4 01.2.3.4 1.2.3.4 1 2",
            "TCP4 1.2.3 1.2.3.4 1 2", "TCP4 1.2.3.256 1.2.3.4 1 2", "TCP4 1.2.3.4.5 1.2.3.4 1 2",
            "TCP4 1.2.3.4 1.2.3.4 65536 2", "TCP4 1.2.3.4 1.2.3.4 1 -2", "TCP4 1.2.3.4 ::1 1 2",
            "TCP4 1.2.3.4 1.2.3.4 01 2", "TCP6 1.2.3.4 ::1 1 2", "TCP6 ::1 :::1 1 2",
            "TCP6 [::1] ::1 1 2", "TCP6 ::1%lo ::1 1 2", "TCP4 1.2.3.4\u{0} 1.2.3.4 1 2",
            "TCP4 1.2.3.4 1.2.3.4 1 2\rX", "TCP4 1.2.3.4 1.2.3.4 1 2\n", "UNKNOWN\u{e9}",
            "UNKNOWNS", "TCP4 1.2.3.4 1.2.3.4 1 ",
        ])
    func bad(_ text: String) {
        #expect(parse("PROXY \(text)\r\n") == .failed(.malformedLine))
    }

    @Test("A line has 107 bytes at most", arguments: [106, 107, 108])
    func longest(_ count: Int) {
        let text = "PROXY UNKNOWN " + String(repeating: "x", count: count - 16) + "\r\n"
        #expect(text.utf8.count == count)
        #expect(
            parse(text)
                == (count <= 107 ? .complete(.unknown, consumed: count) : .failed(.tooLong)))
        let endless = "PROXY " + String(repeating: "x", count: count - 6 - 1)
        #expect(parse(endless) == (count - 1 <= 105 ? .needsMore : .failed(.tooLong)))
    }
}
