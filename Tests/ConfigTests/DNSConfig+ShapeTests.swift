import Testing

@testable import Config

@Suite("DNSConfig+Shape")
struct DNSConfigShapeTests {
    @Test("Name servers are addresses, on port 53 unless said, or the system's")
    func servers() {
        #expect(load(minimal(adding: "dns: { servers: auto }")).config?.dns == DNSConfig())
        #expect(
            load(minimal(adding: "dns: { servers: 192.0.2.53 }")).config?.dns.servers
                == [.ip(host: "192.0.2.53", port: 53)])
        let text = "dns: { servers: [\"127.0.0.1:5353\", \"[::1]:54\"] }"
        #expect(
            load(minimal(adding: text)).config?.dns.servers
                == [.ip(host: "127.0.0.1", port: 5353), .ip(host: "::1", port: 54)])
    }

    @Test(
        "What is no address, or one too many, is said",
        arguments: [
            (
                "[dns.example]",
                "6:18: error: 'dns.example' is no IP address, as that of a name server is"
            ),
            (
                "[192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4]",
                "6:6: error: at most 3 name servers are asked in 'dns'"
            ),
            ("[]", "6:17: error: 'dns.servers' needs at least one entry"),
        ])
    func mistakes(text: String, expected: String) {
        let result = load(minimal(adding: "dns: { servers: \(text) }"))
        #expect(result.diagnostics.map { "\($0)" } == ["m.yaml:\(expected)"])
    }
}
