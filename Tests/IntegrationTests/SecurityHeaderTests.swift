import Foundation
import TestSupport
import Testing

/// What a site adds to responses, as clients see it.
@Suite struct SecurityHeaderTests {
    private static let listeners = """
          - address: "127.0.0.1:0"
          - { address: "127.0.0.1:0", tls: false }

        """
    private static let security = [
        "x-content-type-options": "nosniff", "x-frame-options": "SAMEORIGIN",
        "referrer-policy": "strict-origin-when-cross-origin",
    ]

    /// An instance with a site of its own for each of three cases, and a backend that answers with
    /// the lines that the request's field `Want` has, parted by `|`.
    private func start() throws -> MartletInstance {
        let origin = try Origin { connection in
            while let head = connection.readHead() {
                let want = head.split(separator: "\r\n").first { $0.hasPrefix("Want: ") }
                let lines = want.map { $0.dropFirst(6).split(separator: "|") } ?? []
                connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
                        + lines.map { $0 + "\r\n" }.joined() + "\r\nok")
            }
        }
        func site(_ host: String, _ more: String) -> String {
            """
              - hosts: ["\(host)"]
                certificates: [{ chain: "cert.pem", key: "cert.key" }]
                routes: [{ path: "/a", backend: "http://\(origin.address)" }]
                \(more)

            """
        }
        return try MartletInstance(
            sites: site("localhost", "hsts: { max_age: 1h }\n    security_headers: true")
                + site("127.0.0.1", ""),
            listeners: SecurityHeaderTests.listeners, more: "workers: 1", keeping: origin)
    }

    private func ask(
        _ martlet: MartletInstance, tls: Bool = true, host: String = "localhost",
        path: String = "/a", method: String = "GET", want: String = ""
    ) throws -> Reply {
        let peer = try tls ? martlet.connect() : Peer(martlet.listeners[1])
        let field = want.isEmpty ? "" : "Want: \(want)\r\n"
        try peer.send("\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\n\(field)\r\n")
        return try peer.reply(to: method)
    }

    private func values(_ name: String, _ reply: Reply) -> [String] {
        reply.fields.filter { $0.name == name }.map(\.value)
    }

    @Test("Each response over TLS has them once, also to HEAD and our own", arguments: [200, 404])
    func added(status: Int) throws {
        let martlet = try start()
        for method in ["GET", "HEAD"] {
            let reply = try ask(martlet, path: status == 200 ? "/a" : "/", method: method)
            #expect(reply.status == status)
            #expect(values("strict-transport-security", reply) == ["max-age=3600"])
            for (name, value) in SecurityHeaderTests.security {
                #expect(values(name, reply) == [value])
            }
        }
    }

    @Test("HSTS replaces the backend's; the others yield to it")
    func backend() throws {
        let martlet = try start()
        let reply = try ask(
            martlet,
            want:
                "strict-transport-security: max-age=5|x-frame-options: DENY|Referrer-Policy: origin"
        )
        #expect(values("strict-transport-security", reply) == ["max-age=3600"])
        #expect(values("x-frame-options", reply) == ["DENY"])
        #expect(values("referrer-policy", reply) == ["origin"])
        #expect(values("x-content-type-options", reply) == ["nosniff"])
    }

    @Test("HSTS is never sent over plain HTTP; the others are", arguments: ["/a", "/"])
    func plain(path: String) throws {
        let martlet = try start()
        let reply = try ask(
            martlet, tls: false, path: path, want: "Strict-Transport-Security: max-age=5")
        #expect(values("strict-transport-security", reply) == [])
        for (name, value) in SecurityHeaderTests.security {
            #expect(values(name, reply) == [value])
        }
    }

    @Test("Another site of the same listener adds nothing and takes nothing away")
    func otherSite() throws {
        let martlet = try start()
        let reply = try ask(
            martlet, host: "127.0.0.1", want: "Strict-Transport-Security: max-age=5")
        #expect(reply.status == 200)
        #expect(values("strict-transport-security", reply) == ["max-age=5"])
        for name in SecurityHeaderTests.security.keys { #expect(values(name, reply) == []) }
    }

    @Test("A reload changes what is sent, on connections that are open too")
    func reload() throws {
        let martlet = try start()
        let peer = try martlet.connect()
        let request = "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"
        try peer.send(request)
        #expect(try values("strict-transport-security", peer.reply()) == ["max-age=3600"])
        let path = martlet.folder.path("martlet.yaml")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let changed = text.replacingOccurrences(of: "max_age: 1h", with: "max_age: 0s")
        try martlet.folder.write(changed, to: "martlet.yaml")
        try martlet.reload()
        try peer.send(request)
        #expect(try values("strict-transport-security", peer.reply()) == ["max-age=0"])
    }
}
