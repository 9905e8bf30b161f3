extension Mistake {
    static let syntax = [
        Mistake("empty file", "", "m.yaml:1:1: error: the file is empty"),
        Mistake("only a comment", "# x\n", "m.yaml:1:1: error: the file is empty"),
        Mistake(
            "only a text", "hello", "m.yaml:1:1: error: expected a mapping, found 'hello'"),
        Mistake(
            "an open bracket", "listeners: [\n  a",
            "m.yaml:3:1: error: did not find expected ',' or ']'"
                + " (while parsing a flow sequence from line 1)"),
        Mistake(
            "a tab", "listeners:\n\t- a",
            "m.yaml:2:1: error: found character that cannot start any token"
                + " (while scanning for the next token from line 2)"),
        Mistake(
            "NUL", "a: b\nä: \0", "m.yaml:2:4: error: control characters are not allowed"),
        Mistake(
            "an alias to nothing", "listeners: *x",
            "m.yaml:1:12: error: found undefined alias"),
        Mistake(
            "two documents", "a: 1\n---\nb: 2",
            "m.yaml:2:1: error: a second document begins here; only one is read"),
        Mistake(
            "a value that contains itself", "listeners: &x [*x]",
            "m.yaml:1:12: error: values are nested deeper than 32 levels"),
    ]

    static let keys = [
        Mistake(
            "unknown key", minimal(adding: "timeouts: { handshak: 1s }"),
            "m.yaml:6:13: error: unknown key 'handshak' in 'timeouts'; did you mean 'handshake'?"),
        Mistake(
            "swapped letters", minimal(adding: "worekrs: 1"),
            "m.yaml:6:1: error: unknown key 'worekrs'; did you mean 'workers'?"),
        Mistake(
            "key like no other", minimal(adding: "banana: 1"),
            "m.yaml:6:1: error: unknown key 'banana'"),
        Mistake(
            "duplicate key", minimal(adding: "workers: 1\nworkers: 2"),
            "m.yaml:7:1: error: duplicate key 'workers'; it is already at line 6"),
        Mistake(
            "duplicate backend",
            minimal(adding: "backends: { a: { servers: \"h:1\" }, a: { servers: \"h:2\" } }"),
            "m.yaml:6:13: warning: no site uses the backend 'a'",
            "m.yaml:6:36: error: duplicate key 'a' in 'backends'; it is already at line 6"),
        Mistake(
            "a list as a key", minimal(adding: "? [a]\n: b"),
            "m.yaml:6:3: error: expected a key, found a list"),
        Mistake(
            "missing keys", "{}", "m.yaml:1:1: error: missing key 'listeners'",
            "m.yaml:1:1: error: missing key 'sites'"),
        Mistake(
            "missing key of a pair",
            site("    certificates: [{ chain: a.pem }]\n    backend: http://h:1"),
            "m.yaml:4:20: error: missing key 'key' in 'sites[0].certificates[0]'"),
        Mistake(
            "neither routes nor backend", site("    certificates: [{ chain: a, key: a }]"),
            "m.yaml:3:5: error: missing key 'routes' or 'backend' in 'sites[0]'"),
        Mistake(
            "both routes and backend",
            site(
                """
                    certificates: [{ chain: a, key: a }]
                    backend: http://h:1
                    routes: [{ path: /, backend: http://h:1 }]
                """),
            "m.yaml:3:5: error: 'routes' and 'backend' exclude each other in 'sites[0]'"),
    ]

    static let variables = [
        Mistake(
            "undefined variable", minimal(adding: "workers: ${NOWHERE}"),
            "m.yaml:6:10: error: the environment variable 'NOWHERE' is not set"),
        Mistake(
            "open variable", minimal(adding: "event_log: { path: \"x${PORT\" }"),
            "m.yaml:6:20: error: '${' without '}' in 'x${PORT'; write '$${' for the text"),
        Mistake(
            "no name", minimal(adding: "event_log: { path: \"${A B}\" }"),
            "m.yaml:6:20: error: 'A B' is not the name of an environment variable"),
        Mistake(
            "empty value", minimal(adding: "event_log: { path: \"${EMPTY}\" }"),
            "m.yaml:6:20: error: expected stdout, stderr or the path of a file"
                + " for 'event_log.path', found ''"),
    ]
}
