import Testing

@testable import Config

@Suite("DiscoveryConfig+Shape")
struct DiscoveryConfigShapeTests {
    private func backend(_ text: String) -> BackendConfig? {
        load(
            minimal(adding: "backends: { a: { \(text) } }")
                .replacing("\"http://127.0.0.1:9000\"", with: "a")
        ).config?.backends.first
    }

    @Test("Servers are listed, or found by SRV records, or in a file")
    func sources() throws {
        let service = try #require(backend("discovery: { srv: _HTTP._tcp.api.example. }"))
        #expect(service.servers.isEmpty)
        #expect(service.discovery == .service("_http._tcp.api.example"))
        #expect(service.resolve == .automatic)
        let file = try #require(backend("discovery: { file: /a/s.txt }, resolve: off"))
        guard case .file(let reference) = file.discovery else {
            Issue.record("\(file)")
            return
        }
        #expect(reference.path == "/a/s.txt")
        #expect(file.resolve == .off)
        #expect(backend("servers: h:1, resolve: 30s")?.resolve == .every(.seconds(30)))
        #expect(backend("servers: h:1, resolve: auto")?.resolve == .automatic)
    }

    @Test(
        "What does not go together is said at its place",
        arguments: [
            (
                "servers: h:1, discovery: { srv: a.b }",
                "6:43: error: 'discovery' takes the place of 'servers'; leave one of them out"
            ),
            ("resolve: 1s", "6:16: error: missing key 'servers' in 'backends.a'"),
            (
                "discovery: { srv: a.b, file: c }",
                "6:29: error: write either 'srv' or 'file' in 'backends.a.discovery'"
            ),
            (
                "discovery: {}",
                "6:29: error: write either 'srv' or 'file' in 'backends.a.discovery'"
            ),
            ("discovery: { srv: \"a b\" }", "6:36: error: 'a b' is not a host name"),
            (
                "servers: h:1, resolve: 500ms",
                "6:41: error: expected a duration from 1s to 1d for 'backends.a.resolve', "
                    + "found '500ms'"
            ),
        ])
    func mistakes(text: String, expected: String) {
        let result = load(
            minimal(adding: "backends: { a: { \(text) } }")
                .replacing("\"http://127.0.0.1:9000\"", with: "a"))
        #expect(result.diagnostics.map { "\($0)" } == ["m.yaml:\(expected)"])
    }

    @Test(
        "SRV records go with TLS where something says whom to trust",
        arguments: [
            "{ server_name: a.example }", "{ verify: off }",
            "{ pins: \"sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\" }",
        ])
    func trusted(tls: String) {
        #expect(backend("discovery: { srv: a.b }, tls: \(tls)")?.tls != nil)
    }
}
