import Foundation
import Platform
import TestSupport
import Testing

/// Passwords as `htpasswd` and `openssl passwd` keep them.
@Suite struct PasswordTests {
    private func start(_ file: String, origin: Origin) throws -> MartletInstance {
        try MartletInstance(
            sites: """
                  - hosts: [localhost]
                    certificates: [{ chain: cert.pem, key: cert.key }]
                    routes:
                      - path: /closed
                        backend: "http://\(origin.address)"
                        basic_auth: { realm: here, file: htpasswd }
                        request_headers: { set: { X-User: "{user}" } }
                      - path: /passed
                        backend: "http://\(origin.address)"
                        basic_auth: { file: htpasswd, pass: true }
                      - { path: /open, backend: "http://\(origin.address)" }
                """,
            listeners: """
                  - address: "127.0.0.1:0"
                  - { address: "127.0.0.1:0", tls: false }

                """, more: "access_log: { path: stdout }", keeping: origin
        ) { folder, _ in try folder.write(file, to: "htpasswd") }
    }

    /// A line of the real tool.
    private func htpasswd(_ user: String, _ password: String, cost: Int = 5) throws -> String {
        let result = try RunningProcess.run("htpasswd", ["-nbBC", "\(cost)", user, password])
        try #require(result.code == 0, "\(result.errors)")
        return result.output.replacing("\n", with: "") + "\n"
    }

    private func openssl(_ kind: String, _ password: String) throws -> String {
        let result = try RunningProcess.run("openssl", ["passwd", kind, password])
        try #require(result.code == 0, "\(result.errors)")
        return result.output.replacing("\n", with: "")
    }

    @Test(
        "Who knows the password may ask, over either version", arguments: ["--http1.1", "--http2"])
    func good(version: String) throws {
        let origin = try Origin { $0.echo() }
        let file =
            try htpasswd("alice", "open sesame") + "bob:\(openssl("-6", "bobs"))\n"
            + "eve:\(openssl("-5", "ünïcode"))\n"
        let martlet = try start(file, origin: origin)
        for user in ["alice:open sesame", "bob:bobs", "eve:ünïcode"] {
            let result = try martlet.curl(version, "-u", user, "%/closed", "%/closed")
            let name = user.prefix { $0 != ":" }
            #expect(result.output.contains("X-User: \(name)\r\n"), "\(result)")
            #expect(!result.output.contains("uthorization"))
        }
        let passed = try martlet.curl(version, "-u", "bob:bobs", "%/passed")
        #expect(passed.output.lowercased().contains("authorization: basic "))
        try martlet.process.output.wait(for: "\"user\":\"alice\"", count: 2)
        for user in ["alice:bobs", "bob:", "nobody:bobs", "alice:open sesam"] {
            let result = try martlet.curl(version, "-D", "-", "-u", user, "%/closed")
            #expect(result.output.contains(" 401"))
            #expect(
                result.output.lowercased().contains(
                    "www-authenticate: basic realm=\"here\", charset=\"utf-8\""))
        }
        try martlet.process.output.wait(for: "\"rule\":\"basic_auth\"", count: 4)
    }

    @Test("A body waits with its password, and arrives whole", arguments: ["--http1.1", "--http2"])
    func body(version: String) throws {
        let origin = try Origin { $0.echo() }
        let martlet = try start(try htpasswd("al", "pass"), origin: origin)
        let text = String(repeating: "a", count: 200_000)
        let file = martlet.folder.path("body")
        try martlet.folder.write(text, to: "body")
        let result = try martlet.curl(
            version, "-u", "al:pass", "-H", "Expect:", "--data-binary", "@\(file)", "%/closed")
        #expect(result.output.hasSuffix(text))
    }

    @Test("A file that changes counts at once; one with a mistake changes nothing")
    func reload() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try start(try htpasswd("al", "old"), origin: origin)
        func status(_ user: String) throws -> String {
            try martlet.curl("-o", "/dev/null", "-w", "%{http_code}", "-u", user, "%/closed").output
        }
        #expect(try status("al:old") == "200")
        try martlet.folder.write(try htpasswd("al", "new"), to: "htpasswd")
        try martlet.process.errors.wait(for: " config.reloaded ", atMost: 60)
        #expect(try status("al:new") == "200")
        #expect(try status("al:old") == "401")
        try martlet.folder.write("al:\(openssl("-1", "new"))\n", to: "htpasswd")
        try martlet.process.errors.wait(for: " config.rejected ", atMost: 60)
        #expect(martlet.process.errors.text.contains("is hashed by MD5"))
        #expect(try status("al:new") == "200")
    }

    @Test("While two hundred wrong passwords wait, other requests are answered")
    func flood() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try start(try htpasswd("al", "pass", cost: 14), origin: origin)
        let flood = try (0..<200).map { number in
            (number, try Peer(martlet.listeners[1]))
        }
        let open = try Peer(martlet.listeners[1])
        for (number, peer) in flood {
            let user = Data("al:wrong\(number)".utf8).base64EncodedString()
            try peer.send(
                "GET /closed HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic \(user)\r\n\r\n")
        }
        for _ in 0..<20 {
            try open.send("GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try open.reply().status == 200)
        }
        // A second each: those that still wait have waited all the while.
        #expect(flood.contains { !$0.1.hasInput(within: .zero) })
        let answered = flood.filter { $0.1.hasInput(within: .zero) }
        for (_, peer) in answered { #expect([401, 503].contains(try peer.reply().status)) }
    }
}
