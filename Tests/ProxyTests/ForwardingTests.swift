import Bytes
import Config
import HTTP
import Platform
import Testing

@testable import Proxy

@Suite("Forwarding")
struct ForwardingTests {
    static let client = SocketAddress.ipv4(0xc000_0201, port: 4_711)

    /// The head that the backend gets for `lines`, line by line.
    private func forwarded(
        _ lines: String..., from client: SocketAddress = ForwardingTests.client,
        isTLS: Bool = true, isEarly: Bool = false,
        config: ForwardingConfig = ForwardingConfig(xForwarded: false)
    ) throws -> [String] {
        let text = lines.map { $0 + "\r\n" }.joined() + "\r\n"
        let result = try withRequest(text) { request in
            var queue = ByteQueue()
            Forwarding.appendRequestHead(
                request, client: client, isTLS: isTLS, isEarly: isEarly,
                rules: ForwardingRules(config), to: &queue)
            return String(copying: queue.bytes)
        }
        #expect(result.hasSuffix("\r\n\r\n"))
        return result.dropLast(1).split(separator: "\r\n").map(String.init)
    }

    private func trusting(_ change: (inout ForwardingConfig) -> Void = { _ in }) throws
        -> ForwardingConfig
    {
        var config = ForwardingConfig()
        config.trusted = [try #require(AddressBlock(address: .ipv4(0xc000_0200), prefixLength: 24))]
        change(&config)
        return config
    }

    @Test("Method, path and query stay; the version is ours, and there is one Host, first")
    func requestLine() throws {
        #expect(
            try forwarded("PURGE /a%2Fb/../c?d=/e HTTP/1.1", "Accept: */*", "Host: H.example:81")
                == ["PURGE /a%2Fb/../c?d=/e HTTP/1.1", "Host: H.example:81", "Accept: */*"])
        #expect(
            try forwarded("GET http://x.example:80/p HTTP/1.1", "Host: y.example")
                == ["GET /p HTTP/1.1", "Host: x.example:80"])
    }

    /// Nothing is decoded, compressed or put in another order (RFC 9110 §7.7).
    @Test("Codings, the order of fields and the case of their names are passed on")
    func untouched() throws {
        let fields = [
            "accept-Encoding: gzip, br", "X-B: 1", "CONTENT-encoding: gzip", "x-a: 2", "X-b: 3",
            "Content-Length: 5",
        ]
        let sent = try forwarded("POST / HTTP/1.1", "Host: h", fields.joined(separator: "\r\n"))
        #expect(sent == ["POST / HTTP/1.1", "Host: h"] + fields)
        let answered = try returned("HTTP/1.1 200 OK", fields.joined(separator: "\r\n"))
        #expect(answered.starts(with: ["HTTP/1.1 200 OK"] + fields))
    }

    @Test("A body's length is passed on, and chunks are announced anew")
    func framing() throws {
        #expect(
            try forwarded("POST / HTTP/1.1", "Host: h", "Content-Length: 5")
                == ["POST / HTTP/1.1", "Host: h", "Content-Length: 5"])
        #expect(
            try forwarded("POST / HTTP/1.1", "Host: h", "transfer-encoding: CHUNKED")
                == ["POST / HTTP/1.1", "Host: h", "Transfer-Encoding: chunked"])
    }

    @Test(
        "A field for this hop only stays here",
        arguments: [
            "Connection: keep-alive", "Keep-Alive: timeout=5", "Proxy-Connection: close",
            "TE: trailers", "Upgrade: x", "Proxy-Authorization: Basic eA==",
            "Proxy-Authenticate: Basic", "HTTP2-Settings: AAA",
        ])
    func hopByHop(line: String) throws {
        #expect(
            try forwarded("GET / HTTP/1.1", "Host: h", line, "X-Kept: 1")
                == ["GET / HTTP/1.1", "Host: h", "X-Kept: 1"])
    }

    @Test("A field that Connection names goes no further, in any case and from any list")
    func namedByConnection() throws {
        #expect(
            try forwarded(
                "GET / HTTP/1.1", "Host: h", "X-One: 1", "Connection: x-one , close", "x-two: 2",
                "Connection: X-TWO", "X-Three: 3")
                == ["GET / HTTP/1.1", "Host: h", "X-Three: 3"])
    }

    @Test(
        "No client can have framing, host or forwarding fields taken away by naming them",
        arguments: [
            "Host", "Content-Length", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host",
            "Forwarded", "Via", "X-Real-IP",
        ])
    func protected(name: String) throws {
        let lines = try forwarded(
            "POST / HTTP/1.1", "Host: h", "Content-Length: 5", "Connection: close, \(name)",
            "Via: 1.1 other", "X-Real-IP: 192.0.2.9",
            config: try trusting {
                $0.forwarded = true
                $0.via = true
            })
        for line in [
            "Host: h", "Content-Length: 5", "X-Forwarded-For: 192.0.2.1",
            "X-Forwarded-Proto: https", "X-Forwarded-Host: h", "Via: 1.1 other",
            "Via: 1.1 martlet", "X-Real-IP: 192.0.2.9",
        ] {
            #expect(lines.contains(line), "\(line) in \(lines)")
        }
        #expect(lines.contains { $0.hasPrefix("Forwarded: for=192.0.2.1;") })
    }

    @Test("An upgrade that is asked for is asked for again; h2c is not")
    func upgrade() throws {
        #expect(
            try forwarded(
                "GET / HTTP/1.1", "Host: h", "Connection: keep-alive, Upgrade",
                "Upgrade: websocket")
                == ["GET / HTTP/1.1", "Host: h", "Connection: Upgrade", "Upgrade: websocket"])
        #expect(
            try forwarded("GET / HTTP/1.1", "Host: h", "Connection: Upgrade", "Upgrade: h2c")
                == ["GET / HTTP/1.1", "Host: h"])
    }

    @Test("What a client says of itself is replaced by what is known", arguments: [true, false])
    func replaced(isTLS: Bool) throws {
        let proto = isTLS ? "https" : "http"
        #expect(
            try forwarded(
                "GET / HTTP/1.1", "Host: h:1", "X-Forwarded-For: 10.0.0.1",
                "x-forwarded-for: 10.0.0.2", "X-Forwarded-Proto: ftp", "X-Forwarded-Host: evil",
                "Forwarded: for=10.0.0.1;host=evil", "X-Real-IP: 10.0.0.1", isTLS: isTLS,
                config: ForwardingConfig(xForwarded: true, forwarded: true))
                == [
                    "GET / HTTP/1.1", "Host: h:1", "X-Forwarded-For: 192.0.2.1",
                    "X-Forwarded-Proto: \(proto)", "X-Forwarded-Host: h:1",
                    "Forwarded: for=192.0.2.1;proto=\(proto);host=\"h:1\"",
                ])
    }

    @Test("Early data is marked once, and a client's word on it is never removed")
    func earlyData() throws {
        let lines = ["GET / HTTP/1.1", "Host: h"]
        let trusted = try trusting { $0.xForwarded = false }
        let plain = ForwardingConfig(xForwarded: false)
        for (isEarly, config) in [
            (false, plain), (true, plain), (false, trusted), (true, trusted),
        ] {
            #expect(
                try forwarded(
                    "GET / HTTP/1.1", "Host: h", "Early-Data: 1", isEarly: isEarly, config: config)
                    == lines + ["Early-Data: 1"])
            #expect(
                try forwarded("GET / HTTP/1.1", "Host: h", isEarly: isEarly, config: config)
                    == lines + (isEarly ? ["Early-Data: 1"] : []))
        }
    }

    @Test("What a client says of itself is dropped even where nothing is said in its place")
    func dropped() throws {
        #expect(
            try forwarded(
                "GET / HTTP/1.1", "Host: h", "X-Forwarded-For: 10.0.0.1",
                "X-Forwarded-Proto: ftp", "X-Forwarded-Host: evil", "Forwarded: for=10.0.0.1")
                == ["GET / HTTP/1.1", "Host: h"])
    }

    @Test("Nobody's word is taken for a certificate, a trusted client's neither")
    func certificates() throws {
        for config in [ForwardingConfig(xForwarded: false), try trusting { $0.xForwarded = false }]
        {
            #expect(
                try forwarded(
                    "GET / HTTP/1.1", "Host: h", "Client-Cert: :AA==:", "client-cert-chain: :AA==:",
                    "X-FORWARDED-CLIENT-CERT: Hash=1", "Client_Cert: :AA==:",
                    "X_Forwarded-Client_Cert: Hash=1", config: config)
                    == ["GET / HTTP/1.1", "Host: h"])
        }
    }

    @Test("What is known of a client's certificate stands at the end")
    func identity() throws {
        let text = "GET / HTTP/1.1\r\nHost: h\r\nClient-Cert: forged\r\n\r\n"
        let head = try withRequest(text) { request in
            var queue = ByteQueue()
            Forwarding.appendRequestHead(
                request, client: ForwardingTests.client, isTLS: true,
                rules: ForwardingRules(ForwardingConfig(xForwarded: false)),
                identity: Array("Client-Cert: :AA==:\r\n".utf8), to: &queue)
            return String(copying: queue.bytes)
        }
        #expect(head == "GET / HTTP/1.1\r\nHost: h\r\nClient-Cert: :AA==:\r\n\r\n")
    }

    @Test("What a trusted client says is kept and continued")
    func continued() throws {
        #expect(
            try forwarded(
                "GET / HTTP/1.1", "Host: h", "X-Forwarded-For: 10.0.0.1, 10.0.0.2",
                "x-forwarded-for: 10.0.0.3", "X-Forwarded-Proto: http", "X-Forwarded-Host: outer",
                "Forwarded: for=10.0.0.1", "X-Real-IP: 10.0.0.1",
                config: try trusting { $0.forwarded = true })
                == [
                    "GET / HTTP/1.1", "Host: h", "X-Forwarded-Proto: http",
                    "X-Forwarded-Host: outer", "X-Real-IP: 10.0.0.1",
                    "X-Forwarded-For: 10.0.0.1, 10.0.0.2, 10.0.0.3, 192.0.2.1",
                    "Forwarded: for=10.0.0.1, for=192.0.2.1;proto=https;host=\"h\"",
                ])
    }

    @Test("A trusted client that says nothing is described like any other")
    func silent() throws {
        #expect(
            try forwarded("GET / HTTP/1.1", "Host: h", config: try trusting())
                == [
                    "GET / HTTP/1.1", "Host: h", "X-Forwarded-For: 192.0.2.1",
                    "X-Forwarded-Proto: https", "X-Forwarded-Host: h",
                ])
    }

    @Test(
        "Forwarded puts IPv6 addresses in brackets and quotes, and has no name for a path",
        arguments: [
            (SocketAddress.ipv6(0x2001_0db8_0000_0000, 1, port: 9), "\"[2001:db8::1]\""),
            (.ipv4(0xc000_0201, port: 9), "192.0.2.1"), (.unix("/run/x"), "unknown"),
        ])
    func element(client: SocketAddress, text: String) throws {
        let lines = try forwarded(
            "GET / HTTP/1.1", "Host: h", from: client,
            config: ForwardingConfig(xForwarded: false, forwarded: true))
        #expect(lines.last == "Forwarded: for=\(text);proto=https;host=\"h\"")
    }

    @Test("Via names the version that the client spoke, behind the earlier hops")
    func via() throws {
        let config = ForwardingConfig(xForwarded: false, via: true)
        #expect(
            try forwarded("GET / HTTP/1.0", "Host: h", "Via: 1.1 first", config: config)
                == ["GET / HTTP/1.1", "Host: h", "Via: 1.1 first", "Via: 1.0 martlet"])
    }

    /// The head that the client gets for `lines`, line by line.
    private func returned(
        _ lines: String..., form: BodyForm = .asReceived, keepsAlive: Bool = true,
        version: HTTPVersion = .http11
    ) throws -> [String] {
        let text = lines.map { $0 + "\r\n" }.joined() + "\r\n"
        let result = try withResponse(text) { response in
            var queue = ByteQueue()
            Forwarding.appendResponseHead(
                response, bodyForm: form,
                persistence: Persistence(keepsAlive: keepsAlive, version: version), site: .none,
                isTLS: true, to: &queue)
            return String(copying: queue.bytes)
        }
        return result.dropLast(1).split(separator: "\r\n").map(String.init)
    }

    @Test("A response keeps its status, its reason and its fields, but not those of its hop")
    func response() throws {
        #expect(
            try returned(
                "HTTP/1.0 299 Strange", "Content-Length: 3", "Connection: close, x-hop",
                "X-Hop: 1", "Keep-Alive: timeout=5", "Set-Cookie: a", "Set-Cookie: b")
                == ["HTTP/1.1 299 Strange", "Content-Length: 3", "Set-Cookie: a", "Set-Cookie: b"])
        #expect(try returned("HTTP/1.1 404") == ["HTTP/1.1 404 Not Found"])
    }

    @Test("A body that is framed anew has no length", arguments: [BodyForm.chunked, .untilClose])
    func reframed(form: BodyForm) throws {
        let lines = try returned("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", form: form)
        #expect(lines.contains("Transfer-Encoding: chunked") == (form == .chunked))
        #expect(!lines.contains { $0.hasPrefix("Content-Length") })
    }

    @Test("The end of a connection is announced, and its staying to HTTP/1.0")
    func persistence() throws {
        #expect(try returned("HTTP/1.1 200 OK", keepsAlive: false).last == "Connection: close")
        #expect(
            try returned("HTTP/1.1 200 OK", version: .http10).last == "Connection: keep-alive")
        #expect(try returned("HTTP/1.1 200 OK") == ["HTTP/1.1 200 OK"])
    }

    /// RFC 9110 §8.6: a recipient that believed it would wait for a body, or take the next
    /// response for one.
    @Test("Content-Length goes no further where there must be none", arguments: [204, 304, 200])
    func forbiddenLength(status: Int) throws {
        let lines = try returned("HTTP/1.1 \(status) X", "Content-Length: 0")
        #expect(lines.contains("Content-Length: 0") == (status != 204))
    }

    @Test("An interim response keeps its fields, but for framing")
    func interim() throws {
        let text = try withResponse(
            head("HTTP/1.1 103 Early Hints", "Link: </a>", "Content-Length: 0", "Connection: close")
        ) { response in
            var queue = ByteQueue()
            Forwarding.appendInterimHead(response, to: &queue)
            return String(copying: queue.bytes)
        }
        #expect(text == head("HTTP/1.1 103 Early Hints", "Link: </a>"))
    }

    @Test("A change of protocol names what the server chose, and has no framing")
    func switching() throws {
        let text = try withResponse(
            head(
                "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: upgrade",
                "Sec-WebSocket-Accept: x", "Content-Length: 0")
        ) { response in
            var queue = ByteQueue()
            Forwarding.appendSwitchingHead(response, to: &queue)
            return String(copying: queue.bytes)
        }
        #expect(
            text
                == head(
                    "HTTP/1.1 101 Switching Protocols", "Sec-WebSocket-Accept: x",
                    "Connection: Upgrade", "Upgrade: websocket"))
    }
}
