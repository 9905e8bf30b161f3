extension Mistake {
    private static func second(_ host: String, _ tls: String) -> String {
        minimal(
            adding: """
                  - hosts: ["\(host)"]
                    certificates: [{ chain: a.pem, key: a.key }]
                    backend: "http://127.0.0.1:9000"
                    tls: \(tls)
                """)
    }

    static let tls = [
        Mistake(
            "a version that is not spoken", minimal(adding: "tls: { versions: [TLSv1.1] }"),
            "m.yaml:6:19: error: expected TLSv1.2 or TLSv1.3 for 'tls.versions[0]',"
                + " found 'TLSv1.1'; did you mean 'TLSv1.2'?"),
        Mistake(
            "an empty list", minimal(adding: "tls: { groups: [] }"),
            "m.yaml:6:16: error: 'tls.groups' needs at least one entry"),
        Mistake(
            "a name twice", minimal(adding: "tls: { groups: [X25519, P-256, x25519] }"),
            "m.yaml:6:32: error: 'x25519' is already listed at line 6"),
        Mistake(
            "a word in place of a list", minimal(adding: "tls: { cipher_suites: HIGH }"),
            "m.yaml:6:23: error: expected a list for 'tls.cipher_suites', found 'HIGH'"),
        Mistake(
            "neither a boolean nor a mapping",
            minimal(adding: "").replacing("\"0.0.0.0:443\"", with: "\"0.0.0.0:443\", tls: yes"),
            "m.yaml:1:44: error: expected true, false or a mapping for 'listeners[0].tls',"
                + " found 'yes'"),
        Mistake(
            "what stands only beside the listeners",
            minimal(adding: "").replacing(
                "\"0.0.0.0:443\"", with: "\"0.0.0.0:443\", tls: { unknown_host: reject }"),
            "m.yaml:1:46: error: unknown key 'unknown_host' in 'listeners[0].tls'"),
        Mistake(
            "a policy for an address", second("192.0.2.1", "{ policy: modern }"),
            "m.yaml:9:10: error: '192.0.2.1' is an address, which no ClientHello names:"
                + " clients get what the first site or the listener negotiates; say it there"),
        Mistake(
            "a policy for an IPv6 address", second("[2001:db8::1]", "{ groups: [P-256] }"),
            "m.yaml:9:10: error: '[2001:db8::1]' is an address, which no ClientHello names:"
                + " clients get what the first site or the listener negotiates; say it there"),
    ]
}
