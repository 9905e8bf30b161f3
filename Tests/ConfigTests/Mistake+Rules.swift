extension Mistake {
    /// A site whose only route has one more key.
    private static func route(_ key: String, backend: Bool = true) -> String {
        site(
            """
                certificates: [{ chain: a, key: a }]
                routes: [{ path: /a, \(backend ? "backend: http://h:1, " : "")\(key) }]
            """)
    }

    private static let elsewhere = [
        ("//a.example", "leads to another host, whichever comes behind the slashes"),
        ("/\\\\a.example", "leads to another host, whichever comes behind the slashes"),
        ("/{path}", "leads to another host, whichever comes behind the slashes"),
        ("https://{path}", "has no host"), ("http://{query}", "has no host"),
        ("{scheme}://{path}", "has no host"), ("https:///a", "has no host"),
        ("https://", "has no host"),
    ].map { target, what in
        Mistake(
            "a redirect to \(target)",
            route("redirect: { to: \"\(target)\" }", backend: false),
            "m.yaml:5:42: error: '\(target.replacing("\\\\", with: "\\"))' \(what)")
    }

    private static let targets =
        elsewhere + [
            Mistake(
                "a route without anything", route("trace: pass", backend: false),
                "m.yaml:5:14: error: missing key 'backend' in 'sites[0].routes[0]'"),
            Mistake(
                "a backend and a redirect", route("redirect: { to: /b }"),
                "m.yaml:5:14: error: 'backend' and 'redirect' exclude each other"
                    + " in 'sites[0].routes[0]'"),
            Mistake(
                "a redirect without a target", route("redirect: { status: 301 }", backend: false),
                "m.yaml:5:36: error: missing key 'to' in 'sites[0].routes[0].redirect'"),
            Mistake(
                "a redirect to whatever the client says",
                route("redirect: { to: \"{host}{path}\" }", backend: false),
                "m.yaml:5:42: error: '{host}{path}' begins with neither 'https://', 'http://'"
                    + " nor '/'"
            ),
        ]

    static let rules =
        targets + [
            Mistake(
                "a status that is no redirect",
                route("redirect: { to: /b, status: 304 }", backend: false),
                "m.yaml:5:54: error: 304 is no redirect; take 301, 302, 303, 307 or 308"),
            Mistake(
                "a body without a place",
                route("respond: { status: 204, body: x }", backend: false),
                "m.yaml:5:35: error: an answer with the status 204 has no body"),
            Mistake(
                "a rewrite with a query", route("rewrite: \"/b?{path}\""),
                "m.yaml:5:56: error: '/b?{path}' is not a path: '?', '#', spaces and other than"
                    + " ASCII do not occur in one; the query stays as it is"),
            Mistake(
                "a rewrite that is no path", route("rewrite: \"b{path}\""),
                "m.yaml:5:56: error: 'b{path}' does not begin with '/'"),
            Mistake(
                "a variable that a path cannot have", route("rewrite: \"/{method}\""),
                "m.yaml:5:56: error: '{method}' is not known here; variables are {host}, {path}"),
            Mistake(
                "a host with a path", route("host: a.example/b"),
                "m.yaml:5:53: error: 'a.example/b' is not a host name; leave out scheme and port"),
            Mistake(
                "a block on both sides", route("allow: 10.0.0.0/8, deny: [10.0.0.0/8]"),
                "m.yaml:5:14: error: '10.0.0.0/8' is both allowed and denied in"
                    + " 'sites[0].routes[0]'"
            ),
            Mistake(
                "a block with bits behind", route("deny: 10.0.0.1/8"),
                "m.yaml:5:53: error: '10.0.0.1/8' has bits behind its prefix; write '10.0.0.0/8'"),
            Mistake(
                "a trace of another kind", route("trace: always"),
                "m.yaml:5:54: error: expected pass, begin or off for 'sites[0].routes[0].trace',"
                    + " found 'always'"),
            Mistake(
                "an id that says Host", route("request_id: { header: Host }"),
                "m.yaml:5:69: error: the field 'Host' is said by the key 'host'"),
        ]

    static let fields =
        [
            ("Connection", "is for one hop or frames the message: no rule can touch it"),
            ("content-length", "is for one hop or frames the message: no rule can touch it"),
            ("Transfer_Encoding", "is for one hop or frames the message: no rule can touch it"),
            ("TE", "is for one hop or frames the message: no rule can touch it"),
            ("Trailer", "is for one hop or frames the message: no rule can touch it"),
            ("Upgrade", "is for one hop or frames the message: no rule can touch it"),
            ("Client-Cert", "is ours to say, since backends believe it: no rule can touch it"),
            ("Early-Data", "is ours to say, since backends believe it: no rule can touch it"),
        ].map { name, what in
            Mistake(
                "the field \(name)", route("request_headers: { remove: \(name) }"),
                "m.yaml:5:74: error: the field '\(name)' \(what)")
        } + [
            Mistake(
                "the field Host", route("request_headers: { set: { host: a } }"),
                "m.yaml:5:73: error: the field 'Host' is said by the key 'host'"),
            Mistake(
                "a pseudo field", route("request_headers: { set: { \":path\": a } }"),
                "m.yaml:5:73: error: ':path' is not the name of a field"),
            Mistake(
                "a field twice", route("response_headers: { set: { X-A: a }, remove: x-a }"),
                "m.yaml:5:92: error: the field 'x-a' is already named at line 5"),
            Mistake(
                "a line end in a value", route("response_headers: { set: { X-A: \"a\\nb\" } }"),
                "m.yaml:5:79: error: 'a\\nb' has a control character, which no field may"),
            Mistake(
                "the status before it is known",
                route("request_headers: { add: { X-A: \"{status}\" } }"),
                "m.yaml:5:78: error: '{status}' is not known here; variables are {host}, {path},"
                    + " {query}, {method}, {scheme}, {client_address}, {client_port},"
                    + " {client_subject}, {user}, {tls_version}, {tls_cipher}, {sni},"
                    + " {request_id}"),
        ]

    static let passwords = [
        Mistake(
            "nobody", route("basic_auth: { realm: a }"),
            "m.yaml:5:59: error: missing key 'users' or 'file' in 'sites[0].routes[0].basic_auth'"),
        Mistake(
            "a realm with a quote", route("basic_auth: { realm: 'a\"b', file: a }"),
            "m.yaml:5:68: error: 'a\"b' has other characters than ASCII, or a quote"),
        Mistake(
            "a password as it is", route("basic_auth: { users: \"al:secret\" }"),
            "m.yaml:5:68: error: the password of 'al' is not hashed, or by DES, not by bcrypt or"
                + " SHA-crypt; make a good one by 'htpasswd -nB NAME'"),
    ]
}
