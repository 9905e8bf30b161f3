extension Mistake {
    static let references = [
        Mistake(
            "a dangling reference",
            minimal(adding: "backends: { api: { servers: [\"h:1\"] } }")
                .replacing("\"http://127.0.0.1:9000\"", with: "apis"),
            "m.yaml:5:14: error: there is no backend 'apis'; did you mean 'api'?",
            "m.yaml:6:13: warning: no site uses the backend 'api'"),
        Mistake(
            "another protocol to a backend",
            minimal(adding: "").replacing("http://127.0.0.1:9000", with: "ftp://h:1"),
            "m.yaml:5:14: error: 'ftp://h:1': backends are spoken to by 'http://' and 'https://'"
                + " only"),
        Mistake(
            "TLS to a socket file without a name",
            minimal(adding: "").replacing("http://127.0.0.1:9000", with: "https://unix:/s"),
            "m.yaml:5:14: error: 'https://unix:/s' has no host name that its certificate could be"
                + " for; write an entry of 'backends', with 'server_name' in its 'tls'"),
        Mistake(
            "a URL with a path",
            minimal(adding: "").replacing("http://127.0.0.1:9000", with: "http://h:1/x"),
            "m.yaml:5:14: error: 'http://h:1/x' has more than a host and a port;"
                + " paths are kept as sent"),
        Mistake(
            "a server twice",
            minimal(adding: "backends: { a: { servers: [\"[::1]:1\", \"[0::1]:1\"] } }")
                .replacing("\"http://127.0.0.1:9000\"", with: "a"),
            "m.yaml:6:39: error: the server '[0::1]:1' is already listed at line 6"),
        Mistake(
            "a URL as a name",
            minimal(adding: "backends: { \"http://h:1\": { servers: \"h:2\" } }")
                .replacing("http://127.0.0.1:9000", with: "http://h:1"),
            "m.yaml:6:13: error: 'http://h:1' is not a name for a backend",
            "m.yaml:6:13: warning: no site uses the backend 'http://h:1'"),
        Mistake(
            "a site without a certificate", site("    backend: http://h:1"),
            "m.yaml:3:5: error: the site of 'a.example' needs 'certificates':"
                + " the listener at line 1 serves TLS"),
        Mistake(
            "a path twice",
            site(
                """
                    certificates: [{ chain: a, key: a }]
                    routes:
                      - { path: /, backend: http://h:1 }
                      - { path: /, backend: http://h:2 }
                """), "m.yaml:7:17: error: the site already has a route for '/' at line 6"),
        Mistake(
            "a path with a query",
            site(
                """
                    certificates: [{ chain: a, key: a }]
                    routes: [{ path: "/a?b", backend: http://h:1 }]
                """),
            "m.yaml:5:22: error: '/a?b' is not a path: '?', '#', spaces and other than ASCII"
                + " do not occur in one; write them as %XX"),
    ]

    static let hosts = [
        Mistake(
            "a host twice in a site", minimal(adding: "").replacing("\"a.example\"", with: "a, A."),
            "m.yaml:3:16: error: this site already claims the host 'a' at line 3"),
        Mistake(
            "no hosts", minimal(adding: "").replacing("\"a.example\"", with: ""),
            "m.yaml:3:12: error: 'sites[0].hosts' needs at least one entry"),
        Mistake(
            "a star", minimal(adding: "").replacing("a.example", with: "*"),
            "m.yaml:3:13: error: '*' is not a host; hosts of no site go to the first one"
                + " unless tls.unknown_host is 'reject'"),
        Mistake(
            "a star within", minimal(adding: "").replacing("a.example", with: "a.*.example"),
            "m.yaml:3:13: error: 'a.*.example': '*' may only stand for the whole first label"),
        Mistake(
            "a name that is not ASCII", minimal(adding: "").replacing("a.example", with: "bü.de"),
            "m.yaml:3:13: error: 'bü.de' is not ASCII; write the name in its 'xn--' form"),
        Mistake(
            "an empty label", minimal(adding: "").replacing("a.example", with: "a..example"),
            "m.yaml:3:13: error: 'a..example' is not a host name"),
        Mistake(
            "IPv6 without brackets", minimal(adding: "").replacing("a.example", with: "0::1"),
            "m.yaml:3:13: error: '0::1' needs brackets as a host; write '[::1]'"),
    ]

    private static func hsts(_ text: String) -> String {
        site("    certificates: [{ chain: a, key: a }]\n    backend: http://h:1\n    hsts: \(text)")
    }

    static let hsts = [
        Mistake(
            "preload without subdomains", hsts("{ preload: true }"),
            "m.yaml:6:11: error: 'preload' needs 'include_subdomains: true':"
                + " browsers list no site without it"),
        Mistake(
            "preload for less than a year",
            hsts("{ preload: true, include_subdomains: true, max_age: 364d }"),
            "m.yaml:6:11: error: 'preload' needs a 'max_age' of at least 365d:"
                + " browsers list no site below"),
        Mistake(
            "a fraction of a second", hsts("{ max_age: 1500ms }"),
            "m.yaml:6:22: error: '1500ms' is not a whole number of seconds"),
        Mistake(
            "too many years", hsts("{ max_age: 3651d }"),
            "m.yaml:6:22: error: expected a duration from 0ms to 3650d"
                + " for 'sites[0].hsts.max_age', found '3651d'"),
        Mistake(
            "a word", hsts("on"),
            "m.yaml:6:11: error: expected a mapping or off for 'sites[0].hsts', found 'on'"),
        Mistake(
            "a warning of minutes", minimal(adding: "tls: { expiry_warning: 59m }"),
            "m.yaml:6:24: error: expected a duration from 1h to 3650d"
                + " for 'tls.expiry_warning', found '59m'"),
    ]

    private static func listener(_ text: String) -> String {
        minimal(adding: "").replacing("address: \"0.0.0.0:443\"", with: text)
    }

    static let addresses = [
        Mistake(
            "a name", listener("address: \"localhost:443\""),
            "m.yaml:1:24: error: 'localhost:443' is a name;"
                + " listeners need an IP address such as 127.0.0.1"),
        Mistake(
            "no address", listener("address: \":443\""),
            "m.yaml:1:24: error: ':443' names no address;"
                + " write '0.0.0.0:443' or '[::]:443' for all"),
        Mistake(
            "only a number", listener("address: 443"),
            "m.yaml:1:24: error: expected an address such as 0.0.0.0:8443 (in quotes)"
                + " for 'listeners[0].address', found '443'"),
        // Found by fuzzing: what was asked for broke the line.
        Mistake(
            "no port, and a line end", listener("address: \"a\\nb\""),
            #"m.yaml:1:24: error: 'a\nb' has no port; write 'a\nb:PORT'"#),
        Mistake(
            "no port", listener("address: \"::1\""),
            "m.yaml:1:24: error: '::1' has no port; write '[::1]:PORT'"),
        Mistake(
            "too large a port", listener("address: \"0.0.0.0:65536\""),
            "m.yaml:1:24: error: '0.0.0.0:65536': '65536' is not a port"),
        Mistake(
            "a wrong IPv4 address", listener("address: \"0.0.0.256:443\""),
            "m.yaml:1:24: error: '0.0.0.256' is not an IPv4 address"),
        Mistake(
            "a URL", listener("address: \"https://0.0.0.0\""),
            "m.yaml:1:24: error: 'https://0.0.0.0' is not an address;"
                + " write HOST:PORT or unix:/PATH"),
        Mistake(
            "an address twice", listener("address: [\"0.0.0.0:443\", \"0.0.0.0:443\"]"),
            "m.yaml:1:40: error: the address '0.0.0.0:443' is already taken at line 1"),
        Mistake(
            "the address of the admin endpoint", listener("address: \"127.0.0.1:9180\""),
            "m.yaml:1:24: error: the address '127.0.0.1:9180' is that of the admin endpoint"
                + " unless 'admin' is given"),
        Mistake(
            "an admin endpoint on a listener",
            minimal(adding: "admin: { address: \"0.0.0.0:443\" }"),
            "m.yaml:6:8: error: the address '0.0.0.0:443' is already taken at line 1"),
        Mistake(
            "a redirect on a TLS listener",
            listener("address: \"0.0.0.0:443\", redirect_to_https: true"),
            "m.yaml:1:58: error: 'redirect_to_https' needs 'tls: false' in the same listener"),
        Mistake(
            "a redirect to nowhere",
            listener("address: \"0.0.0.0:80\", tls: false, redirect_to_https: true"),
            "m.yaml:1:69: error: 'redirect_to_https' needs another listener that serves TLS"),
    ]
}
