import Foundation
import Platform
import TestSupport
import Testing

/// The admin endpoint and the commands that ask it.
@Suite struct AdminTests {
    private let origin: Origin
    private let martlet: MartletInstance

    init() throws {
        origin = try Origin { $0.echo() }
        martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
    }

    /// Serves a few requests, so that there is something to tell.
    private func makeTraffic() throws {
        for method in ["GET", "POST", "BREW"] {
            #expect(try martlet.request("/", method: method).status == 200)
        }
        let plain = try Peer(martlet.address)
        try plain.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try plain.reply().status == 400)
    }

    @Test(
        "promtool accepts the metrics, in both formats, before and after traffic",
        arguments: ["text/plain", "application/openmetrics-text"])
    func promtool(accept: String) throws {
        for round in 0..<2 {
            if round == 1 { try makeTraffic() }
            let reply = try martlet.ask("/metrics", fields: "Accept: \(accept)\r\n")
            #expect(reply.field("content-type")?.hasPrefix(accept) == true)
            let isOpen = accept.hasPrefix("application")
            #expect(reply.body.hasSuffix("# EOF\n") == isOpen)
            if isOpen { continue }
            let check = try RunningProcess.run(
                "promtool", ["check", "metrics"], input: reply.body)
            #expect(check.code == 0, "\(check.output)\(check.errors)")
            #expect(check.output.isEmpty && check.errors.isEmpty, "\(check.output)\(check.errors)")
        }
    }

    @Test("Requests are counted by what they were, and never by what a client chose to write")
    func labels() throws {
        try makeTraffic()
        let series = "martlet_http_requests_total{site=\"localhost\",protocol=\"HTTP/1.1\","
        #expect(try martlet.metric(series + "method=\"GET\",code=\"200\"}") == 1)
        #expect(try martlet.metric(series + "method=\"POST\",code=\"200\"}") == 1)
        #expect(try martlet.metric(series + "method=\"other\",code=\"200\"}") == 1)
        let handshakes =
            "martlet_tls_handshakes_total{listener=\"127.0.0.1:0\",version=\"TLSv1.3\","
        #expect(try martlet.metric(handshakes + "resumption=\"full\"}") == 3)
        let failures = "martlet_tls_handshake_failures_total{listener=\"127.0.0.1:0\","
        #expect(try martlet.metric(failures + "reason=\"plain_http\"}") == 1)
        let server = "{backend=\"http://\(origin.address)\",server=\"\(origin.address)\"}"
        #expect(try martlet.metric("martlet_upstream_requests_total" + server) == 3)
        #expect(!(try martlet.ask("/metrics").body.contains("BREW")))
    }

    @Test("Health, readiness and status answer; what is not there is 404, a wrong method 405")
    func pages() throws {
        #expect(try martlet.ask("/healthz").body == "ok\n")
        #expect(try martlet.ask("/readyz").body == "ready\n")
        #expect(try martlet.ask("/nothing").status == 404)
        #expect(try martlet.ask("/reload").status == 405)
        let page = try martlet.ask("/")
        #expect(page.field("content-type") == "text/html; charset=utf-8")
        #expect(page.body.contains("Martlet"))
        #expect(page.field("content-security-policy") != nil)
        let status = try JSONSerialization.jsonObject(
            with: Data(try martlet.ask("/status").body.utf8))
        let object = try #require(status as? [String: Any])
        #expect(object["generation"] as? Int == 1)
        #expect((object["listeners"] as? [Any])?.count == 1)
        #expect((object["sites"] as? [Any])?.count == 1)
    }

    @Test("A page of a stranger can neither read nor reload")
    func strangers() throws {
        let peer = try Peer(martlet.admin)
        try peer.send("GET /status HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        #expect(try peer.reply().status == 403)
        let form = try Peer(martlet.admin)
        try form.send(
            "POST /reload HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n"
                + "Content-Type: application/x-www-form-urlencoded\r\n\r\n")
        #expect(try form.reply().status == 403)
        #expect(try martlet.metric("martlet_config_generation") == 1)
    }

    @Test("The commands ask the running instance, by address or by its configuration")
    func commands() throws {
        let admin = try martlet.admin
        let status = try RunningProcess.run(
            MartletInstance.binary, ["status", "--admin", "\(admin)"])
        #expect(status.code == 0, "\(status.errors)")
        #expect(status.output.contains("\"pid\""))
        try martlet.folder.write(
            "admin: { address: \"\(admin)\" }\nlisteners: [{ address: \"127.0.0.1:0\" }]\n"
                + "sites:\n\(MartletInstance.site(origin.address))\n", to: "ask.yaml")
        let reload = try RunningProcess.run(
            MartletInstance.binary, ["reload", "--config", martlet.folder.path("ask.yaml")])
        #expect(reload.code == 0, "\(reload.errors)")
        #expect(reload.output == "reloaded: generation 2")
    }

    @Test("A command that finds no instance says where it looked and what to do")
    func nobody() throws {
        let address = try SocketAddress.vacant()
        let status = try RunningProcess.run(
            MartletInstance.binary, ["status", "--admin", "\(address)"])
        #expect(status.code == 3)
        #expect(status.errors.contains("\(address)"))
        #expect(status.errors.split(separator: "\n").count == 1, "\(status.errors)")
    }

    @Test("The version tells what was built and what was found at run time")
    func version() throws {
        let version = try RunningProcess.run(MartletInstance.binary, ["version"])
        #expect(version.code == 0)
        for part in ["martlet ", "commit: ", "openssl: OpenSSL 3", "nghttp2: 1", "features: "] {
            #expect(version.output.contains(part), "\(version.output)")
        }
    }
}
