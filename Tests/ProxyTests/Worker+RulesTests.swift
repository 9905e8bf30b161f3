import Config
import Foundation
import Platform
import TestSupport
import Testing

@testable import Proxy

/// What rules answer and change, over HTTP/1.1 without TLS.
@Suite("Worker+Rules", .serialized)
struct WorkerRulesTests {
    private func serve(
        _ rules: RuleConfig, origin: Origin? = nil,
        change: @escaping (inout RuntimeSettings) -> Void = { _ in },
        _ body: (() throws -> Peer) throws -> Void
    ) throws {
        let worker = try RunningWorker()
        let listener = try WorkerSetup.listen()
        let setup = WorkerSetup(
            sites: [.init(servers: origin.map { [$0.address] } ?? [], rules: RouteRules(rules))],
            change: change)
        try worker.install(setup, on: listener)
        try body { try Peer(listener.address) }
        try worker.stop()
    }

    private func text(_ segments: RuleText.Segment...) -> RuleText { RuleText(segments: segments) }

    @Test(
        "A redirect leads where it says, and never to a host that the client has chosen",
        arguments: [
            ("/a?b=c", "/a?b=c", 308), ("/", "/", 308), ("//evil.example/", "", 400),
            ("/%5Cevil", "/%5Cevil", 308), ("/a//b", "/a//b", 308),
        ])
    func redirect(target: String, location: String, status: Int) throws {
        let rules = RuleConfig(
            action: .redirect(RedirectConfig(target: text(.variable(.path), .variable(.query)))))
        try serve(rules) { connect in
            let peer = try connect()
            try peer.send(head("GET \(target) HTTP/1.1", "Host: localhost"))
            let reply = try peer.reply()
            #expect(reply.status == status)
            #expect(reply.field("location") ?? "" == location)
        }
    }

    @Test("A backslash is no way to another host")
    func backslash() throws {
        let rules = RuleConfig(
            action: .redirect(RedirectConfig(target: text(.variable(.path)))))
        try serve(rules) { connect in
            let peer = try connect()
            try peer.send(head("GET /\\evil.example HTTP/1.1", "Host: localhost"))
            #expect(try peer.reply().status == 400)
        }
    }

    @Test(
        "A fixed answer is what it says; HEAD gets its head",
        arguments: [
            ("GET", 200, "text", "4"), ("HEAD", 200, "", "4"), ("GET", 204, "", ""),
            ("GET", 404, "text", "4"), ("GET", 304, "", ""), ("POST", 205, "", "0"),
        ])
    func respond(method: String, status: Int, body: String, length: String) throws {
        let hasBody = ![204, 205, 304].contains(status)
        let rules = RuleConfig(
            action: .respond(RespondConfig(status: status, body: hasBody ? "text" : "")))
        try serve(rules) { connect in
            let peer = try connect()
            for _ in 0..<2 {
                try peer.send(
                    head("\(method) / HTTP/1.1", "Host: localhost", "Content-Length: 0"))
                let reply = try peer.reply(to: method)
                #expect(reply.status == status)
                #expect(reply.body == body)
                #expect(reply.field("content-length") ?? "" == length)
                #expect((reply.field("content-type") != nil) == hasBody)
            }
        }
    }

    @Test("A body that nobody reads ends the connection behind an answer of ours")
    func unreadBody() throws {
        try serve(RuleConfig(action: .respond(RespondConfig()))) { connect in
            let peer = try connect()
            try peer.send(head("POST / HTTP/1.1", "Host: localhost", "Content-Length: 5"))
            #expect(try peer.reply().field("connection") == "close")
        }
    }

    @Test("Who is denied does not reach the backend")
    func denied() throws {
        let origin = try Origin { $0.echo() }
        let block = try #require(AddressBlock(address: .ipv4(0x7f00_0000), prefixLength: 8))
        for rules in [RuleConfig(deny: [block]), RuleConfig(allow: [])] {
            try serve(rules, origin: origin) { connect in
                let peer = try connect()
                try peer.send(head("GET / HTTP/1.1", "Host: localhost"))
                #expect(try peer.reply().status == 403)
            }
        }
        #expect(origin.heads.isEmpty)
    }

    @Test(
        "The path that the backend gets",
        arguments: [
            ("/api/x?y", "/api", nil, "/x?y"), ("/api", "/api", nil, "/"),
            ("/apix", "/api", nil, "/apix"), ("/api/x?y", nil, "/v2", "/v2/api/x?y"),
            ("/api/x", "/api", "/v2", "/v2/x"), ("/a", nil, nil, "/a"),
        ] as [(String, String?, String?, String)])
    func paths(target: String, prefix: String?, before: String?, forwarded: String) throws {
        let origin = try Origin { $0.echo() }
        let rules = RuleConfig(
            stripPrefix: prefix, rewrite: before.map { text(.literal($0), .variable(.path)) })
        try serve(rules, origin: origin) { connect in
            let peer = try connect()
            try peer.send(head("GET \(target) HTTP/1.1", "Host: localhost"))
            #expect(try peer.reply().body.hasPrefix("GET \(forwarded) HTTP/1.1\r\n"))
        }
    }

    /// The path was good before it was cut and put together again.
    @Test("A path that becomes one with dot segments is refused")
    func dots() throws {
        let origin = try Origin { $0.echo() }
        let rules = RuleConfig(rewrite: text(.literal("/..")))
        try serve(rules, origin: origin) { connect in
            let peer = try connect()
            try peer.send(head("GET /a HTTP/1.1", "Host: localhost"))
            #expect(try peer.reply().status == 400)
        }
        #expect(origin.heads.isEmpty)
    }

    @Test("Trailers do not bring back what a rule leaves out")
    func trailers() throws {
        let origin = try Origin { connection in
            let request = (connection.readHead() ?? "") + connection.read(until: "\r\n\r\n")
            connection.send(
                head("HTTP/1.1 200 OK", "Content-Length: \(request.utf8.count)") + request)
        }
        let rules = RuleConfig(
            requestHeaders: FieldEditConfig(edits: [
                .init(name: "X-User", change: .set([text(.literal("me"))]))
            ]))
        try serve(rules, origin: origin) { connect in
            let peer = try connect()
            try peer.send(
                head(
                    "POST / HTTP/1.1", "Host: localhost", "X-User: a", "Transfer-Encoding: chunked")
                    + "1\r\na\r\n0\r\nx_user: evil\r\nX-Tail: b\r\n\r\n")
            let body = try peer.reply().body
            #expect(body.contains("X-User: me\r\n") && body.contains("X-Tail: b\r\n"))
            #expect(!body.contains("evil") && !body.contains("X-User: a"))
        }
    }

    @Test(
        "An id is taken over from those who are trusted, if it is one",
        arguments: [
            (true, "abc-1", "abc-1"), (false, "abc-1", ""), (true, "a b", ""),
            (true, String(repeating: "a", count: 129), ""),
            (true, String(repeating: "a", count: 128), String(repeating: "a", count: 128)),
        ])
    func ids(isTrusted: Bool, sent: String, taken: String) throws {
        let origin = try Origin { $0.echo() }
        let rules = RuleConfig(requestID: RequestIDConfig(response: true))
        let change: (inout RuntimeSettings) -> Void = {
            guard isTrusted,
                let block = AddressBlock(address: .ipv4(0x7f00_0001), prefixLength: 32)
            else { return }
            var config = ForwardingConfig()
            config.trusted = [block]
            $0.forwarding = ForwardingRules(config)
        }
        try serve(rules, origin: origin, change: change) { connect in
            let peer = try connect()
            try peer.send(head("GET / HTTP/1.1", "Host: localhost", "x-request-id: \(sent)"))
            let reply = try peer.reply()
            let id = try #require(reply.field("x-request-id"))
            #expect(reply.body.contains("\r\nX-Request-ID: \(id)\r\n"))
            #expect(taken.isEmpty ? id.count == 32 && id != sent : id == taken)
        }
    }

    @Test("A trace passes, begins or ends here", arguments: [TraceRule.pass, .begin, .off])
    func traces(rule: TraceRule) throws {
        let origin = try Origin { $0.echo() }
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
        try serve(RuleConfig(trace: rule), origin: origin) { connect in
            for (given, isGood) in [(good, true), ("00-bad", false), (nil, false)] {
                let peer = try connect()
                let lines = given.map { ["traceparent: \($0)", "tracestate: a=b"] } ?? []
                try peer.send(
                    (["GET / HTTP/1.1", "Host: localhost"] + lines).map { $0 + "\r\n" }.joined()
                        + "\r\n")
                let sent = try peer.reply().body.split(separator: "\r\n").map(String.init)
                let parents = sent.filter { $0.hasPrefix("traceparent: ") }
                let isKept = rule == .pass || (rule == .begin && isGood)
                #expect(sent.contains("tracestate: a=b") == (isKept && given != nil))
                if isKept {
                    #expect(parents == given.map { ["traceparent: \($0)"] } ?? [])
                } else {
                    #expect(parents.count == (rule == .begin ? 1 : 0))
                    #expect(parents.allSatisfy { $0.hasSuffix("-01") && $0.count == 68 })
                }
            }
        }
    }

    @Test("Trailers of requests carry neither an id nor a trace that the rules have settled")
    func requestTrailers() throws {
        let origin = try Origin { connection in
            let request = (connection.readHead() ?? "") + connection.read(until: "\r\n\r\n")
            connection.send(
                head("HTTP/1.1 200 OK", "Content-Length: \(request.utf8.count)") + request)
        }
        let rules = RuleConfig(trace: .off, requestID: RequestIDConfig())
        try serve(rules, origin: origin) { connect in
            let peer = try connect()
            try peer.send(
                head("POST / HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked")
                    + "1\r\na\r\n0\r\nX-Request-ID: evil\r\ntraceparent: evil\r\n"
                    + "tracestate: evil\r\nX-Tail: b\r\n\r\n")
            let body = try peer.reply().body
            #expect(body.contains("X-Tail: b\r\n") && !body.contains("evil"))
        }
    }

    @Test("Trailers of responses do not bring back what a rule leaves out")
    func responseTrailers() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send(
                head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "X-Secret: evil")
                    + "1\r\na\r\n0\r\nx_secret: evil\r\nX-Request-ID: evil\r\n"
                    + "X-Tail: b\r\n\r\n")
        }
        let rules = RuleConfig(
            responseHeaders: FieldEditConfig(edits: [.init(name: "X-Secret", change: .remove)]),
            requestID: RequestIDConfig(response: true))
        try serve(rules, origin: origin) { connect in
            let peer = try connect()
            try peer.send(head("GET / HTTP/1.1", "Host: localhost"))
            let reply = try peer.reply()
            #expect(reply.field("x-secret") == nil && reply.trailers == ["X-Tail: b"])
        }
    }

    @Test("An id and a trace that Connection takes away count for nothing")
    func hopByHop() throws {
        let origin = try Origin { $0.echo() }
        let rules = RuleConfig(trace: .begin, requestID: RequestIDConfig())
        let trusts: (inout RuntimeSettings) -> Void = {
            guard let block = AddressBlock(address: .ipv4(0x7f00_0001), prefixLength: 32)
            else { return }
            var config = ForwardingConfig()
            config.trusted = [block]
            $0.forwarding = ForwardingRules(config)
        }
        try serve(rules, origin: origin, change: trusts) { connect in
            let peer = try connect()
            try peer.send(
                head(
                    "GET / HTTP/1.1", "Host: localhost", "Connection: traceparent, x-request-id",
                    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
                    "X-Request-ID: mine"))
            let sent = try peer.reply().body.split(separator: "\r\n")
            #expect(sent.count { $0.hasPrefix("traceparent: 00-") && $0.hasSuffix("-01") } == 1)
            #expect(sent.count { $0.hasPrefix("X-Request-ID: ") && !$0.hasSuffix("mine") } == 1)
        }
    }

    @Test("A route's bound on bodies takes the place of the one for all", arguments: [4, 5, 6])
    func bodyLimit(count: Int) throws {
        let origin = try Origin { $0.echo() }
        let rules = RuleConfig(limits: RouteLimitConfig(requestBody: .bytes(5)))
        for isChunked in [false, true] {
            try serve(rules, origin: origin, change: { $0.requestBodyLimit = 1 }) { connect in
                let peer = try connect()
                let body = String(repeating: "a", count: count)
                let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(count)"
                try peer.send(
                    head("POST / HTTP/1.1", "Host: localhost", framing)
                        + (isChunked ? "\(count)\r\n\(body)\r\n0\r\n\r\n" : body))
                #expect(try peer.reply().status == (count > 5 ? 413 : 200))
            }
        }
    }

    @Test("A route's deadline takes the place of the one for all")
    func firstByte() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            _ = connection.readToEnd()
        }
        let worker = try RunningWorker()
        let listener = try WorkerSetup.listen()
        let rules = RuleConfig(timeouts: RouteTimeoutConfig(firstByte: .seconds(300)))
        let setup = WorkerSetup(
            sites: [.init(servers: [origin.address], rules: RouteRules(rules))])
        try worker.install(setup, on: listener)
        let peer = try Peer(listener.address)
        try peer.send(head("GET / HTTP/1.1", "Host: localhost"))
        try Deadline.wait("the request") { origin.heads.count == 1 }
        try worker.advance(by: .seconds(299))
        #expect(!peer.hasInput(within: .zero))
        try worker.advance(by: .seconds(2))
        #expect(try peer.reply().status == 504)
        try worker.stop()
    }
}
