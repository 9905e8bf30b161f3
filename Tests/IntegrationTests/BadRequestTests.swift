import TestSupport
import Testing

/// Requests that are refused, with the status that says why, and never forwarded.
@Suite struct BadRequestTests {
    /// One message and what it gets.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let name: String
        let request: String
        let status: Int

        var testDescription: String { name }

        init(_ name: String, _ request: String, _ status: Int = 400) {
            self.name = name
            self.request = request
            self.status = status
        }

        /// A request with these fields beside Host.
        static func fields(_ name: String, _ fields: String, _ status: Int = 400) -> Refusal {
            Refusal(name, "POST / HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n\r\n", status)
        }
    }

    static let refusals: [Refusal] = [
        .fields("length beside chunked", "Content-Length: 3\r\nTransfer-Encoding: chunked"),
        .fields("two lengths", "Content-Length: 3\r\nContent-Length: 4"),
        .fields("a list of lengths", "Content-Length: 3, 3"),
        .fields("an empty length", "Content-Length: "),
        .fields("a signed length", "Content-Length: +3"),
        .fields("a length in hexadecimal", "Content-Length: 0x3"),
        .fields("an overflowing length", "Content-Length: 99999999999999999999"),
        .fields("an unknown coding", "Transfer-Encoding: gzip, chunked"),
        .fields("chunked twice", "Transfer-Encoding: chunked, chunked"),
        .fields("a disguised coding", "Transfer-Encoding: xchunked"),
        .fields("a space before the colon", "X-A : b"),
        .fields("an empty field name", ": b"),
        .fields("a folded line", "X-A: b\r\n c"),
        .fields("a bare CR", "X-A: b\rc"),
        .fields("a NUL", "X-A: b\0c"),
        .fields("a control character", "X-A: b\u{1}c"),
        .fields("two hosts", "Host: other"),
        .fields("a line without a colon", "nonsense"),
        Refusal("a bare LF", "GET / HTTP/1.1\nHost: localhost\n\n"),
        Refusal("no host", "GET / HTTP/1.1\r\n\r\n"),
        Refusal("a malformed host", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
        Refusal("a fragment in the target", "GET /#a HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        Refusal("no target", "GET HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        Refusal("a target without a slash", "GET x HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        Refusal("two spaces", "GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        Refusal("an unknown version", "GET / HTTP/1.2.3\r\nHost: localhost\r\n\r\n"),
        Refusal("HTTP/2 in clear text", "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505),
        Refusal(
            "chunked in HTTP/1.0",
            "POST / HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"),
        Refusal(
            "a long target", "GET /\(String(repeating: "a", count: 70_000)) HTTP/1.1\r\n\r\n", 414),
        Refusal(
            "a long head",
            "GET / HTTP/1.1\r\nHost: localhost\r\n"
                + "X: \(String(repeating: "a", count: 70_000))\r\n\r\n",
            431),
        .fields("too many fields", (0..<101).map { "X-\($0): y" }.joined(separator: "\r\n"), 431),
        Refusal("CONNECT", "CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n", 501),
    ]

    @Test("A message that is ambiguous or broken is refused and never forwarded")
    func refused() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        for refusal in BadRequestTests.refusals {
            let peer = try martlet.connect()
            try? peer.send(refusal.request)
            let reply = try peer.reply()
            #expect(reply.status == refusal.status, "\(refusal.name): \(reply.line)")
            #expect(reply.field("connection") == "close", "\(refusal.name)")
            #expect(reply.body.contains("\(refusal.status)"), "\(refusal.name)")
            #expect(try peer.receiveAll() == "", "\(refusal.name)")
        }
        #expect(origin.heads.isEmpty, "\(origin.heads)")
        #expect(try martlet.request("/").status == 200)
    }

    @Test(
        "A chunked body that breaks the rules is refused",
        arguments: [
            "zz\r\n", "-1\r\n", "00000000000000001\r\na\r\n0\r\n\r\n", "1\ra\r\n0\r\n\r\n",
            "1\na\r\n",
            "1\r\nab\r\n", "1;a=\"\n\r\na\r\n0\r\n\r\n", "1 \u{1}\r\na\r\n0\r\n\r\n",
            "0\r\nbad trailer\r\n\r\n",
        ])
    func badChunks(body: String) throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let peer = try martlet.connect()
        try peer.send(
            "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n\(body)")
        #expect(try peer.reply().status == 400)
        #expect(try peer.receiveAll() == "")
    }

    @Test("A body beyond the limit is 413, whether announced or not")
    func bodyTooLarge() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address), more: "limits: { request_body: 1KiB }")
        let body = String(repeating: "x", count: 1_024)
        #expect(
            try martlet.request("/", method: "POST", fields: "Content-Length: 1024\r\n", body: body)
                .status == 200)
        #expect(
            try martlet.request("/", method: "POST", fields: "Content-Length: 1025\r\n", body: body)
                .status == 413)
        let chunked = "400\r\n\(body)\r\n1\r\nx\r\n0\r\n\r\n"
        #expect(
            try martlet.request(
                "/", method: "POST", fields: "Transfer-Encoding: chunked\r\n", body: chunked
            )
            .status == 413)
    }

    @Test("A host that the certificate does not cover is 421; one without a site, too")
    func misdirected() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address) + "\n" + """
                  - hosts: ["other.test"]
                    certificates: [{ chain: "other.pem", key: "other.key" }]
                    backend: "http://\(origin.address)"
                """
        ) { folder, authority in
            try TestAuthority.write(try authority.issue("other.test"), as: "other", in: folder)
        }
        #expect(try martlet.request("/", host: "localhost").status == 200)
        #expect(try martlet.request("/", host: "other.test").status == 421)
    }

    @Test("The absolute form's authority wins over Host")
    func absoluteForm() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let reply = try martlet.request("https://localhost/a?b", host: "other.test")
        #expect(reply.status == 200)
        #expect(reply.body.hasPrefix("GET /a?b HTTP/1.1\r\n"))
        #expect(reply.body.lowercased().contains("host: localhost\r\n"))
        #expect(!reply.body.contains("other.test"))
    }
}
