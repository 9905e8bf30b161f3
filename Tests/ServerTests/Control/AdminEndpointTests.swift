import Telemetry
import Testing

@testable import Server

struct AdminEndpointTests {
    private func endpoint(
        ready: Bool = true,
        reload: @escaping @Sendable () -> ReloadOutcome = { AdminEndpointTests.unasked }
    ) -> AdminEndpoint {
        AdminEndpoint(
            source: AdminSource(
                metrics: { $0 == .openMetrics ? Array("open".utf8) : Array("text".utf8) },
                isReady: { ready }, status: { Samples.report() }, reload: reload,
                command: {
                    ServerOutcome(
                        ok: $0.backend == "api", text: "\($0.backend) \($0.server) \($0.isDrain)")
                }))
    }

    private static let unasked = ReloadOutcome(ok: false, generation: 0, diagnostics: ["not asked"])
    private static let control = ControlField(name: "X-Martlet-Control", value: "1")

    @Test(
        "A Host that a stranger's page can have is refused",
        arguments: [
            ("127.0.0.1", true), ("192.0.2.7", true), ("[::1]", true), ("localhost", true),
            ("LocalHost", true), ("", true), ("evil.example", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false), ("unix", false), ("unix:/x", false), ("::1", false),
            ("127.0.0.1.", false), ("2130706433", false),
        ])
    func host(host: String, isTrusted: Bool) {
        let response = endpoint().respond(to: Samples.request("GET", "/healthz", host: host))
        #expect(response.status == (isTrusted ? 200 : 403))
    }

    @Test(
        "Each page has its status and type",
        arguments: [
            ("/", 200, "text/html; charset=utf-8"), ("/status", 200, "application/json"),
            ("/certs", 200, "application/json"), ("/servers", 200, "application/json"),
            ("/healthz", 200, "text/plain; charset=utf-8"),
            ("/readyz", 200, "text/plain; charset=utf-8"),
            ("/metrics", 200, "text/plain; version=0.0.4; charset=utf-8"),
            ("/nothing", 404, "text/plain; charset=utf-8"),
        ])
    func pages(path: String, status: Int, type: String) {
        for method in ["GET", "HEAD"] {
            let response = endpoint().respond(to: Samples.request(method, path))
            #expect(response.status == status)
            #expect(response.contentType == type)
            #expect(
                response.fields.contains(ControlField(name: "Cache-Control", value: "no-store")))
        }
    }

    @Test("An instance that does not accept is not ready, but healthy")
    func notReady() {
        let endpoint = endpoint(ready: false)
        #expect(endpoint.respond(to: Samples.request("GET", "/readyz")).status == 503)
        #expect(endpoint.respond(to: Samples.request("GET", "/healthz")).status == 200)
    }

    @Test(
        "The metrics come as OpenMetrics to those who name it",
        arguments: [
            ("application/openmetrics-text;version=1.0.0,text/plain;q=0.5", true),
            ("text/plain, Application/OpenMetrics-Text ; q=0.3", true),
            ("application/openmetrics-text;q=0", false), ("*/*", false), ("", false),
            ("text/plain", false),
        ])
    func metrics(accept: String, isOpen: Bool) {
        let field = ControlField(name: "Accept", value: accept)
        let response = endpoint().respond(to: Samples.request("GET", "/metrics", fields: [field]))
        #expect(String(decoding: response.body, as: UTF8.self) == (isOpen ? "open" : "text"))
        #expect(response.contentType.hasPrefix("application/openmetrics-text") == isOpen)
    }

    @Test(
        "Other methods are refused with those that are allowed",
        arguments: [
            ("POST", "/status", "GET, HEAD"), ("DELETE", "/", "GET, HEAD"),
            ("POST", "/servers", "GET, HEAD"), ("GET", "/servers/drain", "POST"),
            ("GET", "/servers/ready", "POST"),
            ("GET", "/reload", "POST"), ("HEAD", "/reload", "POST"),
        ])
    func methods(method: String, path: String, allowed: String) {
        let request = Samples.request(method, path, fields: [AdminEndpointTests.control])
        let response = endpoint().respond(to: request)
        #expect(response.status == 405)
        #expect(response.fields.contains(ControlField(name: "Allow", value: allowed)))
    }

    @Test(
        "A command names a backend and a server, and is not what a form can send",
        arguments: [
            ("drain", "backend=api&server=127.0.0.1:9001", 200, "api 127.0.0.1:9001 true\n"),
            ("ready", "server=%5B::1%5D:1&backend=api", 200, "api [::1]:1 false\n"),
            ("drain", "backend=web&server=a:1", 422, "web a:1 true\n"),
            ("drain", "backend=api", 400, "Say which: /servers/drain?"),
            ("ready", nil, 400, "Say which: /servers/ready?"),
            ("drain", "backend=api&server=%zz", 400, "Say which: /servers/drain?"),
        ] as [(String, String?, Int, String)])
    func commands(verb: String, query: String?, status: Int, text: String) {
        var fields = [AdminEndpointTests.control]
        let path = "/servers/\(verb)"
        let request = Samples.request("POST", path, query: query, fields: fields)
        let response = endpoint().respond(to: request)
        #expect(response.status == status)
        #expect(String(decoding: response.body, as: UTF8.self).hasPrefix(text))
        fields = []
        let form = Samples.request("POST", path, query: query, fields: fields)
        #expect(endpoint().respond(to: form).status == 403)
    }

    @Test("A reload without the control field never reaches the source")
    func reloadAcrossSites() {
        let endpoint = endpoint {
            Issue.record("the source was asked to reload")
            return AdminEndpointTests.unasked
        }
        #expect(endpoint.respond(to: Samples.request("POST", "/reload")).status == 403)
    }

    @Test("A reload answers with its diagnostics, as lines", arguments: [true, false])
    func reload(ok: Bool) {
        let endpoint = endpoint {
            ReloadOutcome(ok: ok, generation: 8, diagnostics: ["a:1:1: warning: x", "a:2:1: y"])
        }
        let request = Samples.request("POST", "/reload", fields: [AdminEndpointTests.control])
        let response = endpoint.respond(to: request)
        let lines = String(decoding: response.body, as: UTF8.self).split(separator: "\n")
        #expect(response.status == (ok ? 200 : 422))
        #expect(lines.prefix(2) == ["a:1:1: warning: x", "a:2:1: y"])
        #expect(lines.last?.contains("generation 8") == true)
    }
}
