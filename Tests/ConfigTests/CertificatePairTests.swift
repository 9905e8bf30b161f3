import Testing

@testable import Config

@Suite struct CertificatePairTests {
    private func pair(_ keys: String) -> (pair: CertificatePair?, diagnostics: [Diagnostic]) {
        let result = load(
            """
            listeners: [{ address: "0.0.0.0:443" }]
            sites:
              - hosts: ["shop.example"]
                certificates: [{ chain: "/a.pem", key: "/a.key"\(keys) }]
                backend: "http://127.0.0.1:9000"
            """)
        return (result.config?.sites.first?.certificates.first, result.diagnostics)
    }

    @Test("Responses are fetched and Must-Staple is enforced unless the entry says otherwise")
    func stapling() {
        let plain = pair("").pair
        #expect(plain?.ocspResponse == nil)
        #expect(plain?.mustStaple == .enforce)
        let other = pair(", ocsp_response: /a.ocsp, must_staple: ignore").pair
        #expect(other?.ocspResponse == "/a.ocsp")
        #expect(other?.ocspResponseMark.line == 4)
        #expect(other?.mustStaple == .ignore)
    }

    @Test(
        "What is no file or no choice is an error",
        arguments: ["ocsp_response: \"\"", "ocsp_response: [a]", "must_staple: true"])
    func refused(key: String) {
        let (pair, diagnostics) = pair(", \(key)")
        #expect(pair == nil)
        #expect(diagnostics.count == 1)
    }
}
