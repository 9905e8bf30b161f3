import Bytes
import Config
import HTTP
import Telemetry
import TestSupport
import Testing

@testable import Server

struct CheckStreamTests {
    /// How a check ended, and what it sent on the way.
    private struct Outcome {
        let verdict: CheckVerdict?
        let sent: [UInt8]
    }

    /// Feeds an answer in pieces of `size` bytes, and then its end.
    private func run(
        _ bytes: [UInt8], size: Int = 100_000, isTLS: Bool = false,
        _ change: (inout HealthConfig) -> Void = { _ in }
    ) throws -> Outcome {
        var check = HealthConfig()
        change(&check)
        let stream = try CheckStream(check, host: "shop.example:81", isTLS: isTLS)
        var input = ByteQueue()
        var output = ByteQueue()
        stream.write(to: &output)
        var verdict: CheckVerdict?
        for start in stride(from: 0, to: bytes.count, by: size) where verdict == nil {
            input.append(bytes[start..<min(bytes.count, start + size)].span)
            verdict = stream.take(&input, isEnd: false)
            stream.write(to: &output)
        }
        if verdict == nil { verdict = stream.take(&input, isEnd: true) }
        stream.end()
        stream.write(to: &output)
        return Outcome(verdict: verdict, sent: Array(copying: output.bytes))
    }

    private func expect(
        _ bytes: [UInt8], _ result: HealthCheckResult, _ cause: String = "",
        _ change: (inout HealthConfig) -> Void = { _ in }
    ) throws {
        for size in [1, 7, 100_000] {
            let verdict = try run(bytes, size: size, change).verdict
            #expect(verdict?.result == result, "\(verdict?.cause ?? "none") by \(size)")
            #expect(verdict?.cause.contains(cause) == true, "\(verdict?.cause ?? "none")")
        }
    }

    private static let settings = Frame.settings()

    private static func head(_ status: String, end: Bool = false) -> [UInt8] {
        Frame.headers(1, [(":status", status), ("server", "x")], end: end)
    }

    /// RFC 9113 §6.8: who goes away says which stream was the last.
    private static func goAway(_ last: UInt32, _ code: UInt32) -> [UInt8] {
        Frame.bytes(7, Frame.number(last) + Frame.number(code))
    }

    @Test("The request is one stream that ends with its head", arguments: [false, true])
    func request(isTLS: Bool) throws {
        let change: (inout HealthConfig) -> Void = {
            $0.path = "/health?x"
            $0.method = .head
        }
        let sent = try run([], isTLS: isTLS, change).sent
        let server = try HTTP2Session(role: .server, milliseconds: 0)
        let fault = server.receive(sent.span, milliseconds: 0)
        #expect(fault == nil)
        var events: [HTTP2Event] = []
        var head = RequestHead()
        while let event = server.nextEvent() {
            if case .request = event { server.takeRequest(into: &head) }
            events.append(event)
        }
        #expect(events.contains(.request(stream: 1, endsStream: true)))
        #expect(events.contains(.goAway(lastStream: 0, .noError)))
        let said = [
            String(copying: head.methodBytes), String(copying: head.pathAndQuery),
            String(copying: head.authority),
        ]
        #expect(said == ["HEAD", "/health?x", "shop.example:81"])
        let agent = head.fields.first(.userAgent).map {
            String(copying: head.fields.value($0))
        }
        #expect(agent?.hasPrefix("martlet/") == true)
        // RFC 7541 Appendix A: behind the method, `:scheme` is 7 for https and 6 for http.
        let scheme = sent.first { [0x86, 0x87].contains($0) }
        #expect(scheme == (isTLS ? 0x87 : 0x86))
    }

    @Test(
        "The status decides, whether or not a body follows",
        arguments: [
            (200, true), (299, true), (302, true), (404, false), (500, false), (503, false),
        ])
    func status(status: Int, passes: Bool) throws {
        for end in [true, false] {
            try expect(
                CheckStreamTests.settings + CheckStreamTests.head("\(status)", end: end),
                passes ? .passed : .status,
                passes ? "" : "it answered \(status), expected 2xx or 3xx")
        }
    }

    @Test("Expected statuses are those of the configuration")
    func statuses() throws {
        let change: (inout HealthConfig) -> Void = {
            $0.status = StatusSet([204...204, 400...499])
        }
        let settings = CheckStreamTests.settings
        try expect(settings + CheckStreamTests.head("204"), .passed, "", change)
        try expect(settings + CheckStreamTests.head("401"), .passed, "", change)
        try expect(
            settings + CheckStreamTests.head("200"), .status, "expected 204 or 4xx", change)
    }

    @Test("SETTINGS and PING are answered, and a head may come in pieces")
    func frames() throws {
        let block = Frame.block([(":status", "200"), ("server", "x")])
        let bytes =
            Frame.settings([(4, 100), (1, 0)]) + Frame.settingsAck + Frame.ping()
            + Frame.windowUpdate(0, 1000) + Frame.bytes(99, [1, 2])
            + Frame.headers(1, block: Array(block.prefix(3)), flags: 0)
            + Frame.continuation(1, Array(block.dropFirst(3).prefix(1)), whole: false)
            + Frame.continuation(1, Array(block.dropFirst(4)))
        try expect(bytes, .passed)
        let sent = try run(bytes, size: 9).sent
        #expect(sent.contains(Frame.settingsAck))
        #expect(sent.contains(Frame.ping(ack: true)))
    }

    @Test("Interim answers are passed over, ten at most")
    func interim() throws {
        let interim = Array(repeating: CheckStreamTests.head("103"), count: 10).flatMap { $0 }
        let settings = CheckStreamTests.settings
        try expect(settings + interim + CheckStreamTests.head("200"), .passed)
        try expect(
            settings + interim + CheckStreamTests.head("103") + CheckStreamTests.head("200"),
            .malformed, "too many interim")
    }

    @Test("The expected text is found however the body is cut")
    func body() throws {
        let change: (inout HealthConfig) -> Void = { $0.body = "all is well" }
        let head = CheckStreamTests.settings + CheckStreamTests.head("200")
        try expect(head + Frame.data(1, "so far all is well"), .passed, "", change)
        try expect(
            head + Frame.data(1, "so far al", end: false) + Frame.data(1, "", end: false)
                + Frame.data(1, "l is w", end: false, padding: 9) + Frame.data(1, "ell"),
            .passed, "", change)
        let missing = "its answer does not contain 'all is well'"
        try expect(head + Frame.data(1, "all is wel"), .body, missing, change)
        try expect(
            head + Frame.data(1, "all is wel", end: false) + Frame.headers(1, [("x-tail", "l")]),
            .body, missing, change)
        try expect(
            CheckStreamTests.settings + CheckStreamTests.head("200", end: true), .body, missing,
            change)
        try expect(
            head + Frame.data(1, "all is wel", end: false), .closed,
            "it closed before it had answered", change)
    }

    /// The window is smaller than that: without credit the body would not come.
    @Test("Of a body 64 KiB are looked at, and the server gets credit", arguments: [-1, 0, 1])
    func limit(excess: Int) throws {
        let text = String(repeating: "x", count: SoughtText.limit - 2 + excess) + "okmore"
        var bytes = CheckStreamTests.settings + CheckStreamTests.head("200")
        var rest = Substring(text)
        while !rest.isEmpty {
            bytes += Frame.data(1, String(rest.prefix(8000)), end: rest.count <= 8000)
            rest = rest.dropFirst(8000)
        }
        let outcome = try run(bytes, size: 8009) { $0.body = "ok" }
        #expect(outcome.verdict?.result == (excess <= 0 ? .passed : .body))
        if excess > 0 {
            #expect(outcome.verdict?.cause.contains("the begin of its answer") == true)
        }
        let credit = Array([0, 0, 4, 8, 0, 0, 0, 0, 1] as [UInt8])
        #expect(outcome.sent.contains(credit))
    }

    @Test("Resets and goodbyes fail with the server's reason")
    func refusals() throws {
        let settings = CheckStreamTests.settings
        try expect(settings + Frame.reset(1, 8), .closed, "it reset the stream: cancel")
        try expect(settings + Frame.reset(1, 7), .closed, "it reset the stream: refused_stream")
        try expect(
            settings + CheckStreamTests.head("200") + Frame.data(1, "a", end: false)
                + Frame.reset(1, 2), .closed, "it reset the stream: internal_error"
        ) { $0.body = "b" }
        try expect(
            settings + CheckStreamTests.goAway(0, 0), .closed,
            "it said goodbye before it had answered: no_error")
        try expect(
            settings + CheckStreamTests.goAway(1, 13), .closed,
            "it said goodbye before it had answered: http_1_1_required")
        try expect(
            settings + CheckStreamTests.goAway(0, 11), .closed, "enhance_your_calm")
        // A server that leaves in good order has still answered.
        try expect(
            settings + CheckStreamTests.goAway(1, 0) + CheckStreamTests.head("200"), .passed)
        try expect(
            settings + CheckStreamTests.goAway(0x7fff_ffff, 0) + CheckStreamTests.head("503"),
            .status, "it answered 503")
    }

    @Test("Answers that end early, break a rule or speak something else fail with their cause")
    func broken() throws {
        let settings = CheckStreamTests.settings
        try expect([], .closed, "it closed without an answer")
        try expect(settings, .closed, "it closed before it had answered")
        try expect(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), .malformed, "speaks HTTP/1,")
        try expect(Array("HTTP/1.0 505 x\r\n\r\n".utf8), .malformed, "speaks HTTP/1, not HTTP/2")
        try expect(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8), .malformed, "its answer is not HTTP/2")
        try expect(CheckStreamTests.head("200"), .malformed, "its answer is not HTTP/2")
        try expect(
            settings + Frame.headers(1, [("server", "x")]), .malformed,
            "it breaks a rule of HTTP/2: protocol_error")
        try expect(
            settings + Frame.headers(1, block: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), .malformed,
            "it breaks a rule of HTTP/2: compression_error")
        try expect(settings + Frame.data(1, "x"), .malformed, "it breaks a rule of HTTP/2")
        try expect(
            settings + Frame.headers(2, [(":status", "200")]), .malformed,
            "it breaks a rule of HTTP/2")
    }

    @Test("Who sends too many frames that bring nothing is told which")
    func excess() throws {
        let settings = CheckStreamTests.settings
        let pings = Array(repeating: Frame.ping(), count: 60).flatMap { $0 }
        try expect(settings + pings, .malformed, "it sends too many pings")
        let unknown = Array(repeating: Frame.bytes(99, [1]), count: 110).flatMap { $0 }
        try expect(settings + unknown, .malformed, "it sends too many unknown frames")
    }

    private static func message(_ bytes: [UInt8], end: Bool = false) -> [UInt8] {
        Frame.bytes(0, flags: end ? 1 : 0, stream: 1, [0, 0, 0, 0, UInt8(bytes.count)] + bytes)
    }

    @Test("gRPC's health service is asked with a message, and its answer is judged at the end")
    func grpc() throws {
        let change: (inout HealthConfig) -> Void = {
            $0.kind = .grpc
            $0.service = "shop.Cart"
        }
        let head =
            CheckStreamTests.settings
            + Frame.headers(
                1, [(":status", "200"), ("content-type", "application/grpc+proto")], end: false)
        let good = Frame.headers(1, [("grpc-status", "0")])
        let serving = head + CheckStreamTests.message([8, 1])
        try expect(serving + good, .passed, "", change)
        try expect(
            head + CheckStreamTests.message([8, 2]) + good, .status,
            "it says NOT_SERVING, expected SERVING", change)
        try expect(serving, .closed, "it closed before it had answered", change)
        try expect(
            head + CheckStreamTests.message([8, 1], end: true), .malformed,
            "its answer has no grpc-status", change)
        try expect(
            CheckStreamTests.settings
                + Frame.headers(
                    1,
                    [
                        (":status", "200"), ("content-type", "application/grpc"),
                        ("grpc-status", "12"),
                    ]), .status, "it has no health service", change)
        try expect(
            CheckStreamTests.settings + CheckStreamTests.head("404"), .status,
            "it answered 404, expected 200", change)
        let sent = try run(serving + good, change).sent
        let asked = [0, 0, 0, 0, 11, 0x0a, 9] + Array("shop.Cart".utf8)
        #expect(sent.contains(Frame.bytes(0, flags: 1, stream: 1, asked)))
        let server = try HTTP2Session(role: .server, milliseconds: 0)
        server.receive(sent.span, milliseconds: 0)
        var request = RequestHead()
        while let event = server.nextEvent() {
            if case .request = event { server.takeRequest(into: &request) }
        }
        let said = [String(copying: request.methodBytes), String(copying: request.pathAndQuery)]
        #expect(said == ["POST", "/grpc.health.v1.Health/Check"])
    }
}
