import Testing

@testable import Config

struct ClientCertificateConfigTests {
    private func result(_ value: String, hosts: String = "[a.test]") -> LoadResult {
        load(
            """
            listeners: [{ address: "0.0.0.0:443" }]
            sites:
              - { hosts: b.test, certificates: [{ chain: a, key: a }], backend: "http://h:1" }
              - hosts: \(hosts)
                certificates: [{ chain: a.pem, key: a.key }]
                backend: "http://h:1"
                tls:
                  client_certificates: \(value)
            """)
    }

    private func clients(_ value: String) -> ClientCertificateConfig? {
        let result = result(value)
        #expect(result.diagnostics.isEmpty, "\(result.diagnostics)")
        return result.config?.sites[1].tls.clientCertificates
    }

    @Test("Nobody is asked unless the site says so", arguments: ["off", "false"])
    func off(_ value: String) {
        #expect(clients(value) == nil)
        #expect(load(minimal(adding: "")).config?.sites[0].tls.clientCertificates == nil)
    }

    @Test("Everything that can be said is read")
    func whole() throws {
        let short = try #require(clients("{ mode: optional, ca: ca.pem }"))
        #expect(short.mode == .optional && short.ca.path == "ca.pem" && short.depth == 2)
        #expect(short.crl.isEmpty && short.allow.isEmpty && short.files == ["ca.pem"])
        let long = try #require(
            clients(
                "{ mode: required, ca: /c, depth: 0, crl: [a, /b], allow: [\"CN=a*\", \"*.x\"] }"))
        #expect(long.mode == .required && long.depth == 0 && long.files == ["/c", "a", "/b"])
        #expect(long.allow == ["CN=a*", "*.x"])
        #expect(try #require(clients("{ mode: required, ca: c, crl: l }")).crl.count == 1)
    }

    @Test(
        "What is wrong is said",
        arguments: [
            ("on", "expected a mapping or off"), ("{ ca: c }", "missing key 'mode'"),
            ("{ mode: required }", "missing key 'ca'"),
            ("{ mode: on, ca: c }", "expected optional or required"),
            ("{ mode: required, ca: c, depth: 11 }", "from 0 to 10"),
            ("{ mode: required, ca: c, crl: [] }", "needs at least one entry"),
            ("{ mode: required, ca: c, allow: [] }", "needs at least one entry"),
            ("{ mode: required, ca: c, allow: [\"a.*.test\"] }", "first label of a name only"),
            ("{ mode: required, ca: c, allow: [\"*.\"] }", "first label of a name only"),
            ("{ mode: required, ca: c, allow: [\"*\"] }", "first label of a name only"),
        ])
    func mistakes(_ value: String, _ text: String) {
        let result = result(value)
        #expect(result.config == nil)
        #expect(result.diagnostics.contains { "\($0)".contains(text) }, "\(result.diagnostics)")
    }

    @Test("A site that no ClientHello names cannot ask")
    func addresses() {
        let result = result("{ mode: required, ca: c }", hosts: "[\"192.0.2.1\"]")
        #expect(result.diagnostics.contains { "\($0)".contains("which no ClientHello names") })
    }
}
