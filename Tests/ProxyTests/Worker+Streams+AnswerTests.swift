import Config
import Platform
import TestSupport
import Testing

@testable import Proxy

/// Answers on streams that do not wait for the end of the request.
@Suite("Worker+Streams+Answer", .serialized)
struct WorkerStreamsAnswerTests {
    /// The text of an answer of our own.
    private static func text(_ error: ProxyError.Kind) -> String {
        written { LocalAnswer.appendText(of: ProxyError(error), to: &$0) }
    }

    /// Whoever was answered before the body had come was answered once more when it grew too large.
    @Test(
        "What comes of a request behind an answer of ours brings about no second one",
        arguments: ["/length", "/elsewhere", "/said"], [false, true])
    func once(path: String, isShut: Bool) throws {
        let origin = try Origin { $0.echo() }
        let said = RouteRules(RuleConfig(action: .respond(RespondConfig(body: "said"))))
        let client = try StreamClient(origin.address, apart: [(path: "/said", rules: said)]) {
            $0.requestBodyLimit = 10
        }
        let peer = try client.connect(settings: isShut ? [(4, 0)] : [])
        let begin = Frame.headers(
            1,
            [
                (":method", "POST"), (":scheme", "https"),
                (":authority", path == "/elsewhere" ? "other.example" : "localhost"),
                (":path", path),
            ] + (path == "/length" ? [("content-length", "20")] : []), end: false)
        let rest = Frame.data(1, String(repeating: "x", count: 20))
        if isShut {
            try peer.send(begin)
            while peer.streams[1]?.status == nil, try peer.receive() {}
            try peer.send(rest)
            try peer.send(Frame.windowUpdate(1, 65_535))
        } else {
            try peer.send(begin + rest)
        }
        let answer = try peer.stream(1)
        let (status, body) =
            switch path {
            case "/length": (413, WorkerStreamsAnswerTests.text(.bodyTooLarge))
            case "/elsewhere": (421, WorkerStreamsAnswerTests.text(.misdirected))
            default: (200, "said")
            }
        #expect(answer.status == status)
        #expect(answer.isComplete && answer.reset == nil)
        #expect(String(decoding: answer.body, as: UTF8.self) == body)
        #expect(client.worker.requestCount == 1)
        #expect(origin.heads.isEmpty)
        try client.worker.stop()
    }

    /// The head of a request that asks for 100, with so many bytes of filling.
    private static func asking(_ count: Int) -> [UInt8] {
        let block = Frame.block([
            (":method", "POST"), (":scheme", "https"), (":authority", "localhost"), (":path", "/"),
            ("expect", "100-continue"), ("x-filling", String(repeating: "x", count: count)),
        ])
        let size = 16_000
        var bytes = Frame.headers(1, block: Array(block.prefix(size)), flags: 0)
        for start in stride(from: size, to: block.count, by: size) {
            let end = min(block.count, start + size)
            bytes += Frame.continuation(
                1, Array(block[start..<end]), whole: end == block.count)
        }
        return bytes
    }

    /// It was dropped as the others are that nobody need have, and the client waited for it.
    @Test("A 100 that a client waits for comes, however much there is for that client")
    func crowded() throws {
        let origin = try Origin { connection in
            guard connection.readHead() != nil else { return }
            // Each counts for as much as the largest head of the exchange.
            let hint = head("HTTP/1.1 103 Early Hints")
            connection.send(hint + hint + head("HTTP/1.1 100 Continue"))
            _ = connection.read(until: "body\r\n")
            connection.send(head("HTTP/1.1 200 OK", "Content-Length: 4") + "body")
            _ = connection.readToEnd()
        }
        let client = try StreamClient(origin.address)
        let peer = try client.connect()
        try peer.send(WorkerStreamsAnswerTests.asking(Worker.bytesPerTurn * 5 / 8))
        while peer.streams[1]?.status != 100, try peer.receive() {}
        try peer.send(Frame.data(1, "body"))
        let answer = try peer.stream(1)
        #expect(answer.status == 200 && answer.isComplete)
        #expect(answer.body == Array("body".utf8))
        try client.worker.stop()
    }
}
