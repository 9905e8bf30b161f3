extension Mistake {
    private static func backend(_ keys: String, servers: String = "\"h:1\"") -> String {
        minimal(adding: "backends: { a: { servers: \(servers), \(keys) } }")
            .replacing("\"http://127.0.0.1:9000\"", with: "a")
    }

    private static func listener(_ proxies: String) -> String {
        minimal(adding: "").replacing(
            "\"0.0.0.0:443\"", with: "\"0.0.0.0:443\", proxy_protocol: \(proxies)")
    }

    static let connection = [
        Mistake(
            "a certificate without a key", backend("tls: { certificate: a.pem }"),
            "m.yaml:6:39: error: 'certificate' and 'key' need each other in 'backends.a.tls'"),
        Mistake(
            "a passphrase without a key", backend("tls: { passphrase_file: a }"),
            "m.yaml:6:39: error: 'passphrase_file' needs 'key' in 'backends.a.tls'"),
        Mistake(
            "a pin in hexadecimal", backend("tls: { pins: [abc] }"),
            "m.yaml:6:48: error: expected a pin: sha256/ and 44 characters of Base64 for"
                + " 'backends.a.tls.pins[0]', found 'abc'"),
        Mistake(
            "h2c over TLS", backend("tls: true, protocol: h2c"),
            "m.yaml:6:55: error: 'h2c' is HTTP/2 without TLS; with 'tls', write 'protocol: h2'"),
        Mistake(
            "h2 without TLS", backend("protocol: h2"),
            "m.yaml:6:44: error: 'h2' is HTTP/2 over TLS; add 'tls: true', or write"
                + " 'protocol: h2c'"),
        Mistake(
            "a header on shared connections", backend("protocol: h2c, proxy_protocol: v2"),
            "m.yaml:6:65: error: 'proxy_protocol' needs 'protocol: http/1.1': it names one client"
                + " for a whole connection, which HTTP/2 shares between many"),
        Mistake(
            "another version of the header", backend("proxy_protocol: v3"),
            "m.yaml:6:50: error: expected off, v1, v2 or v2_certificate for"
                + " 'backends.a.proxy_protocol', found 'v3'; did you mean 'v1'?"),
        Mistake(
            "a socket file without a name", backend("tls: true", servers: "\"unix:/s\""),
            "m.yaml:6:27: error: the server 'unix:/s' has no host name that its certificate could"
                + " be for; say it by 'server_name' in 'tls'"),
        Mistake(
            "names from records that anybody may forge",
            backend("tls: true").replacing("servers: \"h:1\"", with: "discovery: { srv: a.b }"),
            "m.yaml:6:29: error: anybody who can forge SRV records chooses the names in them: with"
                + " 'tls', say by 'server_name' or 'pins' whom to trust"),
        Mistake(
            "nobody whose header is believed", listener("{ from: [] }"),
            "m.yaml:1:63: error: 'listeners[0].proxy_protocol.from' needs at least one entry"),
        Mistake(
            "a listener that believes everybody", listener("on"),
            "m.yaml:1:55: error: expected a mapping or off for 'listeners[0].proxy_protocol',"
                + " found 'on'"),
    ]
}
