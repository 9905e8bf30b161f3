extension Mistake {
    /// Lines of a site under `hosts`, with a further top-level part.
    private static func tcp(_ lines: String, _ more: String = "") -> String {
        site(lines.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n") + "\n" + more)
    }

    static let tcpSites = [
        Mistake(
            "an unknown protocol",
            tcp("protocol: tpc\ncertificates: [{ chain: a, key: a }]\nbackend: http://h:1"),
            "m.yaml:4:15: error: expected http, tcp or passthrough for 'sites[0].protocol',"
                + " found 'tpc'; did you mean 'tcp'?"),
        Mistake(
            "certificates of a passed site",
            tcp(
                "protocol: passthrough\nbackend: tcp://h:1\ncertificates: [{ chain: a, key: a }]"),
            "m.yaml:3:5: error: 'certificates' does not go with 'protocol: passthrough' in"
                + " 'sites[0]': the server ends TLS, with what it has"),
        Mistake(
            "routes of a TCP site",
            tcp(
                """
                protocol: tcp
                certificates: [{ chain: a, key: a }]
                routes: [{ path: /, backend: http://h:1 }]
                """),
            "m.yaml:3:5: error: 'routes' does not go with 'protocol: tcp' in 'sites[0]':"
                + " only HTTP sites have it",
            "m.yaml:3:5: error: missing key 'backend' in 'sites[0]'"),
        Mistake(
            "protocols of an HTTP site",
            tcp("alpn: mqtt\ncertificates: [{ chain: a, key: a }]\nbackend: http://h:1"),
            "m.yaml:4:11: error: 'alpn' needs 'protocol: tcp' or 'passthrough' in 'sites[0]':"
                + " HTTP sites speak h2 and http/1.1"),
        Mistake(
            "requests to a server of bytes",
            minimal(adding: "").replacing("http://", with: "tcp://"),
            "m.yaml:5:14: error: requests need a backend's name or 'http://'; 'tcp://' is for"
                + " 'protocol: tcp'"),
        Mistake(
            "bytes to a server of requests",
            tcp("protocol: passthrough\nbackend: http://h:1"),
            "m.yaml:5:14: error: bytes that are passed on need a backend's name or"
                + " 'tcp://HOST:PORT'"),
        Mistake(
            "no port", tcp("protocol: passthrough\nbackend: tcp://h"),
            "m.yaml:5:14: error: 'h' has no port; write 'h:PORT'"),
        Mistake(
            "bytes to h2c",
            tcp(
                "protocol: passthrough\nbackend: a",
                "backends: { a: { servers: \"h:1\", protocol: h2c } }"),
            "m.yaml:5:14: error: the backend 'a' speaks h2c; bytes are passed on as they are, so"
                + " that no protocol is spoken to it"),
        Mistake(
            "a TCP site without TLS",
            tcp("protocol: passthrough\nbackend: tcp://h:1").replacing(
                "443\"", with: "443\", tls: false"),
            "m.yaml:4:15: error: 'protocol: passthrough' needs a listener that serves TLS: sites"
                + " are told apart by the ClientHello; a listener with 'tls: false' may have a"
                + " 'backend' of its own"),
        Mistake(
            "a backend of a TLS listener",
            minimal(adding: "").replacing("443\"", with: "443\", backend: \"tcp://h:1\""),
            "m.yaml:1:48: error: 'backend' needs 'tls: false' in the same listener; over TLS write"
                + " a site with 'protocol: tcp'"),
        Mistake(
            "a redirect and a backend",
            """
            listeners:
              - { address: "0.0.0.0:443" }
              - { address: "0.0.0.0:80", tls: false, backend: "tcp://h:1", redirect_to_https: true }
            sites:
              - { hosts: a, certificates: [{ chain: a, key: a }], backend: "http://h:1" }
            """,
            "m.yaml:3:83: error: 'redirect_to_https' and 'backend' exclude each other"),
        Mistake(
            "a host twice without protocols",
            minimal(
                adding: "  - { hosts: a.example, protocol: passthrough, backend: \"tcp://h:1\" }"),
            "m.yaml:6:14: error: another site already claims the host 'a.example' at line 3"),
        Mistake(
            "a host twice for a protocol",
            minimal(
                adding: "  - { hosts: a.example, protocol: passthrough, alpn: [x, h2],"
                    + " backend: \"tcp://h:1\" }"),
            "m.yaml:6:14: error: another site already claims the host 'a.example' for the protocol"
                + " 'h2' at line 3"),
        Mistake(
            "a name that is none", tcp("protocol: passthrough\nalpn: \"a b\"\nbackend: tcp://h:1"),
            "m.yaml:5:11: error: 'a b' is no name of a protocol"),
    ]
}
