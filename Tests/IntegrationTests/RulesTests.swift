import Foundation
import Platform
import TestSupport
import Testing

/// Rules on the way, between clients and servers of either version.
@Suite struct RulesTests {
    /// A server that answers with what it got, one field in a line, in lower case, behind the first
    /// line or the pseudo fields.
    private final class Backend {
        let address: SocketAddress
        let isShared: Bool
        let origin: Origin?
        private let process: RunningProcess?

        init(isShared: Bool) throws {
            self.isShared = isShared
            guard isShared else {
                let origin = try Origin { $0.echo() }
                self.origin = origin
                address = origin.address
                process = nil
                return
            }
            origin = nil
            let process = try RunningProcess(
                "/usr/bin/python3", ["-B", "-u", "\(Script.folder)/stream_origin.py"])
            let line = try process.output.wait(for: "port ")
            address = .ipv4(0x7f00_0001, port: UInt16(line.dropFirst(5)) ?? 0)
            self.process = process
        }

        deinit { process?.signal(SIGKILL) }
    }

    private func start(_ backend: Backend) throws -> MartletInstance {
        try MartletInstance(
            sites: """
                  - hosts: [localhost]
                    certificates: [{ chain: cert.pem, key: cert.key }]
                    response_headers:
                      set: { Server: martlet, X-Answer: "{status} {host} {request_id}" }
                      add: { X-More: [a, b] }
                      remove: X-Origin
                    security_headers: true
                    routes:
                      - path: /api/
                        backend: b
                        strip_prefix: true
                        rewrite: "/v2{path}"
                        host: inner.example:81
                        trace: begin
                        request_id: { header: X-Id, response: true }
                        request_headers:
                          set:
                            X-Real-IP: "{client_address}"
                            X-Forwarded-For: "hidden"
                            X-Facts: "{method}|{path}|{query}|{scheme}|{host}|{tls_version}|{sni}"
                            X-Cipher: "{tls_cipher}"
                          remove: [X-Secret, User-Agent]
                          add: { X-Seen: "{{martlet}}" }
                      - { path: /old, redirect: { to: "{scheme}://www.example{path}{query}" } }
                      - { path: /text, respond: { status: 418, body: "tea\\n", content_type: a/b } }
                """,
            more: """
                backends:
                  b:
                    servers: "\(backend.address)"
                    protocol: \(backend.isShared ? "h2c" : "http/1.1")
                access_log: { path: stdout }
                """, keeping: backend.origin)
    }

    /// The lines of a body, names in lower case, without carriage returns.
    private func lines(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).map { line in
            guard let colon = line.dropFirst().firstIndex(of: ":") else { return String(line) }
            return line[..<colon].lowercased() + line[colon...]
        }
    }

    @Test(
        "Requests and responses are changed alike, whatever either side speaks",
        arguments: ["--http1.1", "--http2"], [false, true])
    func combinations(version: String, isShared: Bool) throws {
        let backend = try Backend(isShared: isShared)
        let martlet = try start(backend)
        let result = try martlet.curl(
            version, "-D", "-", "-H", "X-Secret: a", "-H", "x_secret: b", "-H",
            "x_real_ip: 6.6.6.6",
            "-H", "X-Forwarded-For: 6.6.6.6", "-H", "X-Facts: c", "-H", "X-Id: mine",
            "-H", "traceparent: 00-x", "%/api/a%0d%0ab?c=%0a")
        let found = lines(result.output)
        let start =
            isShared
            ? [":path: /v2/a%0d%0ab?c=%0a", ":authority: inner.example:81"]
            : ["GET /v2/a%0d%0ab?c=%0a HTTP/1.1", "host: inner.example:81"]
        let expected =
            start + [
                "x-real-ip: 127.0.0.1", "x-forwarded-for: hidden",
                "x-facts: GET|/api/a%0d%0ab|?c=%0a|https|localhost|TLSv1.3|localhost",
                "x-seen: {martlet}", "x-forwarded-proto: https", "server: martlet", "x-more: a",
                "x-more: b", "x-frame-options: SAMEORIGIN",
            ]
        for line in expected { #expect(found.count { $0 == line } == 1, "\(line) in \(found)") }
        #expect(!result.output.contains("6.6.6.6"))
        for name in ["x-secret", "x_secret", "user-agent", "x-origin", "x_real_ip"] {
            #expect(!found.contains { $0.hasPrefix("\(name):") }, "\(name)")
        }
        let ids = found.filter { $0.hasPrefix("x-id: ") }
        #expect(ids.count == 2 && Set(ids).count == 1 && ids.first?.count == 38, "\(ids)")
        let id = ids.first?.dropFirst(6) ?? ""
        #expect(found.contains("x-answer: 200 localhost \(id)"))
        #expect(found.contains { $0.hasPrefix("x-cipher: TLS_") })
        #expect(found.count { $0.hasPrefix("traceparent: 00-") && $0.hasSuffix("-01") } == 1)
        try martlet.process.output.wait(for: "\"request_id\":\"\(id)\"")
    }

    @Test(
        "Answers of our own, and errors, have the site's fields",
        arguments: ["--http1.1", "--http2"])
    func ownAnswers(version: String) throws {
        let backend = try Backend(isShared: false)
        let martlet = try start(backend)
        let moved = try martlet.curl(version, "-D", "-", "%/old/x?y=z")
        #expect(lines(moved.output).contains("location: https://www.example/old/x?y=z"))
        #expect(lines(moved.output).contains("x-more: b"))
        #expect(moved.output.contains(" 308"))
        let text = try martlet.curl(version, "-D", "-", "%/text")
        #expect(lines(text.output).contains("content-type: a/b") && text.output.hasSuffix("tea"))
        #expect(text.output.contains(" 418"))
        let head = try martlet.curl(version, "-I", "%/text")
        #expect(lines(head.output).contains("content-length: 4") && !head.output.contains("tea"))
        try martlet.process.output.wait(for: "\"rule\":\"redirect\"")
        try martlet.process.output.wait(for: "\"rule\":\"respond\"", count: 2)
        let bad = try martlet.curl(version, "-D", "-", "--path-as-is", "%/api/%00")
        #expect(bad.output.contains(" 400"))
    }

    @Test("nginx gets the path that is meant, over either version", arguments: [false, true])
    func nginx(isHTTP2: Bool) throws {
        let folder = try TemporaryFolder()
        let nginx = try Nginx(in: folder, isHTTP2: isHTTP2)
        try FileManager.default.createDirectory(
            atPath: folder.path("www/v2"), withIntermediateDirectories: true)
        try folder.write("found", to: "www/v2/file")
        let martlet = try MartletInstance(
            sites: """
                  - hosts: [localhost]
                    certificates: [{ chain: cert.pem, key: cert.key }]
                    backend: b
                    strip_prefix: /app
                    rewrite: "/v2{path}"
                """,
            more: """
                backends:
                  b: { servers: "\(nginx.address)", protocol: \(isHTTP2 ? "h2c" : "http/1.1") }
                """)
        for version in ["--http1.1", "--http2"] {
            #expect(try martlet.curl(version, "%/app/file").output == "found")
        }
    }

    /// What a client can send, over HTTP/1.1 where lines are lines, and over HTTP/2 where they are
    /// not.
    @Test("No value of a client becomes a line of its own")
    func injection() throws {
        let backend = try Backend(isShared: false)
        let martlet = try start(backend)
        for path in ["/api/a\r\nX-Evil: 1", "/api/a\nX-Evil: 1", "/api/a\rX-Evil: 1", "/api/\0"] {
            let peer = try StreamPeer(martlet)
            let stream = try peer.get(path, on: 1)
            #expect(stream.status == nil || stream.status == 400, "\(path.debugDescription)")
        }
        for method in ["GET\r\nX-Evil: 1", "GE\0T"] {
            let peer = try StreamPeer(martlet)
            try peer.send(
                Frame.headers(
                    1,
                    [
                        (":method", method), (":scheme", "https"), (":authority", "localhost"),
                        (":path", "/api/a"),
                    ]))
            let stream = try peer.stream(1)
            #expect(stream.status == nil || stream.status == 400)
        }
        for target in ["/api/a\rX-Evil:1", "/api/a\u{b}", "/api/a\u{0}"] {
            #expect(try martlet.request(target).status == 400)
        }
        #expect(backend.origin?.heads.isEmpty == true)
    }
}
