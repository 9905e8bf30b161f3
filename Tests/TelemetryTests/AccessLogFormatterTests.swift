import Bytes
import Foundation
import Platform
import Testing

@testable import Telemetry

@Suite("Access-log formatter")
struct AccessLogFormatterTests {
    private let record = AccessRecord()

    init() {
        record.time = WallTime(seconds: 1_795_231_751, nanoseconds: 123_999_999)
        record.client = .ipv4(0xc000_0207, port: 40_000)
        record.site.append("shop.example")
        record.method.append("GET")
        record.host.append("shop.example:8443")
        record.target.append("/cart?id=7")
        record.status = 200
        record.bytesIn = 12
        record.bytesOut = 345
        record.duration = .microseconds(1_234_567)
        record.requestOnConnection = 3
    }

    private func line(_ format: AccessLogFormat) -> String {
        var line = ByteQueue()
        AccessLogFormatter.append(record, format: format, to: &line)
        return String(copying: line.bytes)
    }

    private func fields() throws -> [String: any Sendable] {
        let object = try JSONSerialization.jsonObject(with: Data(line(.json).utf8))
        return try #require(object as? [String: any Sendable])
    }

    @Test("A rule, a name and an id have keys of their own, where they are")
    func rules() throws {
        #expect(try fields()["rule"] == nil)
        #expect(try fields()["user"] == nil)
        record.rule = "redirect"
        record.user.append("al ice\"")
        record.requestID.append("abc")
        #expect(try fields()["rule"] as? String == "redirect")
        #expect(try fields()["user"] as? String == "al ice\"")
        #expect(try fields()["request_id"] as? String == "abc")
        #expect(line(.combined).hasPrefix("192.0.2.7 - al\\x20ice\\x22 ["))
        record.reset()
        #expect(record.user.isEmpty && record.requestID.isEmpty)
    }

    @Test("A request without TLS, server or failure leaves their keys out")
    func plainJSON() {
        #expect(
            line(.json) == """
                {"time":"2026-11-21T03:29:11.123Z","client":"192.0.2.7","site":"shop.example",\
                "method":"GET","host":"shop.example:8443","target":"/cart?id=7",\
                "protocol":"HTTP/1.1","status":200,"bytes_in":12,"bytes_out":345,\
                "duration_ms":1234.567,"user_agent":"","referer":"","request_on_connection":3}

                """)
    }

    @Test("TLS, the server with its times, and who failed are there where they apply")
    func fullJSON() throws {
        record.client = .ipv6(0x2001_0db8_0000_0000, 1, port: 1)
        record.version = .http2
        record.tlsVersion = 0x0304
        record.isResumed = true
        record.backend.append("pool")
        record.server.append("10.0.0.1:80")
        record.upstreamConnect = .microseconds(1_005)
        record.upstreamFirstByte = .milliseconds(20)
        record.fault = .upstream
        record.reason = "upstream_timeout"
        record.userAgent.append("curl/8")
        record.referer.append("https://a.example/")
        #expect(
            line(.json) == """
                {"time":"2026-11-21T03:29:11.123Z","client":"2001:db8::1","site":"shop.example",\
                "method":"GET","host":"shop.example:8443","target":"/cart?id=7",\
                "protocol":"HTTP/2","status":200,"bytes_in":12,"bytes_out":345,\
                "duration_ms":1234.567,"tls_version":"TLSv1.3","tls_resumed":true,\
                "backend":"pool","server":"10.0.0.1:80","upstream_connect_ms":1.005,\
                "upstream_first_byte_ms":20.000,"fault":"upstream","reason":"upstream_timeout",\
                "user_agent":"curl/8","referer":"https://a.example/","request_on_connection":3}

                """)
    }

    @Test(
        "Each line says who failed",
        arguments: [(Fault.client, "client"), (.upstream, "upstream"), (.internal, "internal")])
    func faults(fault: Fault, label: String) throws {
        record.fault = fault
        record.reason = "why"
        let fields = try fields()
        #expect(fields["fault"] as? String == label)
        #expect(fields["reason"] as? String == "why")
    }

    @Test("TLS 1.2 and a full handshake are told apart from 1.3 and a resumed one")
    func olderTLS() throws {
        record.tlsVersion = 0x0303
        let fields = try fields()
        #expect(fields["tls_version"] as? String == "TLSv1.2")
        #expect(fields["tls_resumed"] as? Bool == false)
    }

    @Test("A client at a socket file is told without a path")
    func unixClient() throws {
        record.client = .unix("/tmp/\"forged")
        #expect(try fields()["client"] as? String == "unix:")
        #expect(line(.combined).hasPrefix("unix: - - ["))
    }

    @Test("Every byte that a client can send makes a valid JSON line", arguments: 0...255)
    func anyByte(byte: Int) throws {
        record.target.append(UInt8(byte))
        record.userAgent.append(UInt8(byte))
        let text = line(.json)
        #expect(text.utf8.allSatisfy { $0 < 0x7f && ($0 >= 0x20 || $0 == 0x0a) })
        #expect(text.utf8.count { $0 == 0x0a } == 1)
        let expected = String(Unicode.Scalar(UInt8(byte)))
        #expect(try fields()["target"] as? String == "/cart?id=7" + expected)
        #expect(try fields()["user_agent"] as? String == expected)
    }

    @Test("The combined form is that of Apache and nginx")
    func combined() {
        #expect(
            line(.combined) == """
                192.0.2.7 - - [21/Nov/2026:03:29:11 +0000] "GET /cart?id=7 HTTP/1.1" 200 345 "-" "-"

                """)
        record.referer.append("https://a.example/")
        record.userAgent.append("curl/8 (x)")
        #expect(line(.combined).hasSuffix(" 345 \"https://a.example/\" \"curl/8 (x)\"\n"))
    }

    @Test("A request that was never understood has a dash in place of its line")
    func unknownRequest() {
        record.method.removeAll()
        #expect(line(.combined).contains("] \"-\" 200 "))
    }

    @Test(
        "Quotes, backslashes, control characters and bytes beyond ASCII are escaped",
        arguments: [
            (UInt8(ascii: "\""), "\\x22"), (UInt8(ascii: "\\"), "\\x5c"), (0x00, "\\x00"),
            (0x0a, "\\x0a"), (0x0d, "\\x0d"), (0x1b, "\\x1b"), (0x7f, "\\x7f"), (0x80, "\\x80"),
            (0xff, "\\xff"), (0x20, " "), (UInt8(ascii: "~"), "~"),
        ])
    func combinedEscapes(byte: UInt8, escaped: String) {
        record.userAgent.append(byte)
        record.referer.append(byte)
        record.target.append(byte)
        let text = line(.combined)
        #expect(text.hasSuffix(" \"\(escaped)\" \"\(escaped)\"\n"))
        #expect(text.contains("\"GET /cart?id=7\(escaped) HTTP/1.1\""))
    }

    // A head of 64 KiB made a line of 400 KB: a few hundred requests a second filled disks, and
    // crowded the lines of all others out of the queue.
    @Test("A value that is too long is cut and ends with dots", arguments: [-1, 0, 1, 60_000])
    func longValues(beyond: Int) throws {
        let length = AccessLogFormatter.longestValue + beyond
        record.target.removeAll()
        for _ in 0..<length { record.target.append("a") }
        for _ in 0..<length { record.userAgent.append("\u{1}") }
        let kept = min(length, AccessLogFormatter.longestValue)
        let end = beyond > 0 ? "..." : ""
        #expect(try fields()["target"] as? String == String(repeating: "a", count: kept) + end)
        #expect(
            try fields()["user_agent"] as? String == String(repeating: "\u{1}", count: kept) + end)
        #expect(line(.combined).utf8.count < 5 * AccessLogFormatter.longestValue + 200)
    }

    @Test(
        "Durations are milliseconds with three digits",
        arguments: [
            (Duration.zero, "0.000"), (.nanoseconds(999), "0.000"), (.microseconds(9), "0.009"),
            (.microseconds(99), "0.099"), (.microseconds(1_000), "1.000"),
            (.seconds(3_600), "3600000.000"), (.nanoseconds(-1), "0.000"),
        ])
    func milliseconds(duration: Duration, text: String) {
        record.duration = duration
        #expect(line(.json).contains("\"duration_ms\":\(text),"))
    }
}
