extension Mistake {
    static let values = [
        Mistake(
            "a list for a section", minimal(adding: "timeouts: [1s]"),
            "m.yaml:6:11: error: expected a mapping for 'timeouts', found a list"),
        Mistake(
            "nothing for a section", minimal(adding: "timeouts:"),
            "m.yaml:6:10: error: expected a mapping for 'timeouts', found nothing"),
        Mistake(
            "a text for a section that may be off", minimal(adding: "access_log: on"),
            "m.yaml:6:13: error: expected a mapping or off for 'access_log', found 'on'"),
        Mistake(
            "a mapping for a list", "listeners: { address: \"0.0.0.0:1\" }\nsites: []",
            "m.yaml:1:12: error: expected a list for 'listeners', found a mapping",
            "m.yaml:2:8: error: 'sites' needs at least one entry"),
        Mistake(
            "a word for a boolean", minimal(adding: "pin_workers: yes"),
            "m.yaml:6:14: error: expected true or false for 'pin_workers', found 'yes'"),
        Mistake(
            "a text for a boolean", minimal(adding: "pin_workers: 'true'"),
            "m.yaml:6:14: error: expected true or false for 'pin_workers', found the text 'true'"),
        Mistake(
            "a boolean for a switch", minimal(adding: "tls: { early_data: true }"),
            "m.yaml:6:20: error: expected on or off for 'tls.early_data', found 'true'"),
        Mistake(
            "zero workers", minimal(adding: "workers: 0"),
            "m.yaml:6:10: error: expected a whole number from 1 to 1024 or auto"
                + " for 'workers', found '0'"),
        Mistake(
            "a number in quotes", minimal(adding: "upstream: { retries: '1' }"),
            "m.yaml:6:22: error: expected a whole number from 0 to 10"
                + " for 'upstream.retries', found the text '1'"),
        Mistake(
            "a unit that is none", minimal(adding: "limits: { request_head: 64KB }"),
            "m.yaml:6:25: error: expected a size such as 512, 16KiB or 1MiB"
                + " for 'limits.request_head', found '64KB'"),
        Mistake(
            "a size out of range", minimal(adding: "limits: { request_head: 2MiB }"),
            "m.yaml:6:25: error: expected a size from 1KiB to 1MiB"
                + " for 'limits.request_head', found '2MiB'"),
        Mistake(
            "a size that overflows", minimal(adding: "limits: { request_body: 9999999999TiB }"),
            "m.yaml:6:25: error: expected a size such as 512, 16KiB or 1MiB or unlimited"
                + " for 'limits.request_body', found '9999999999TiB'"),
        Mistake(
            "a duration of nothing", minimal(adding: "timeouts: { drain: 0s }"),
            "m.yaml:6:20: error: expected a duration from 1ms to 7d"
                + " for 'timeouts.drain', found '0s'"),
        Mistake(
            "a word that is near another", minimal(adding: "tls: { policy: moden }"),
            "m.yaml:6:16: error: expected modern or intermediate for 'tls.policy', found 'moden'"
                + "; did you mean 'modern'?"),
        Mistake(
            "a list for a word", minimal(adding: "event_log: { level: [info] }"),
            "m.yaml:6:21: error: expected debug, info, warning or error"
                + " for 'event_log.level', found a list"),
        Mistake(
            "a number for a path", minimal(adding: "event_log: { path: 5 }"),
            "m.yaml:6:20: error: expected stdout, stderr or the path of a file (in quotes)"
                + " for 'event_log.path', found '5'"),
        Mistake(
            "bits behind the prefix", minimal(adding: "forwarding: { trusted: [10.1.0.0/8] }"),
            "m.yaml:6:25: error: '10.1.0.0/8' has bits behind its prefix; write '10.0.0.0/8'"),
        Mistake(
            "no block", minimal(adding: "forwarding: { trusted: [10.0.0.0/33, all] }"),
            "m.yaml:6:25: error: '10.0.0.0/33' is neither an address nor a block"
                + " such as 10.0.0.0/8",
            "m.yaml:6:38: error: 'all' is neither an address nor a block such as 10.0.0.0/8"),
        Mistake(
            "control characters and length", minimal(adding: "\"a\\n\\e\": 1"),
            "m.yaml:6:1: error: unknown key 'a\\n\\u{1B}'"),
    ]
}
