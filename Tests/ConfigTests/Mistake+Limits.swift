extension Mistake {
    static let limits = [
        Mistake(
            "a number for a rate", minimal(adding: "limits: { connection_rate: 5 }"),
            "m.yaml:6:28: error: expected a mapping or off for 'limits.connection_rate', found '5'"
        ),
        Mistake(
            "a burst without a rate", minimal(adding: "limits: { handshake_rate: { burst: 5 } }"),
            "m.yaml:6:27: error: missing key 'per_second' in 'limits.handshake_rate'"),
        Mistake(
            "a rate of nothing",
            minimal(adding: "limits: { connection_rate: { per_second: 0, burst: 1000001 } }"),
            "m.yaml:6:42: error: expected a whole number from 1 to 1000000"
                + " for 'limits.connection_rate.per_second', found '0'",
            "m.yaml:6:52: error: expected a whole number from 1 to 1000000"
                + " for 'limits.connection_rate.burst', found '1000001'"),
        Mistake(
            "a word for memory", minimal(adding: "limits: { memory: much }"),
            "m.yaml:6:19: error: expected a size such as 512, 16KiB or 1MiB, auto or off"
                + " for 'limits.memory', found 'much'"),
        Mistake(
            "too little memory to start in", minimal(adding: "limits: { memory: 15MiB }"),
            "m.yaml:6:19: error: expected a size from 16MiB to 1024TiB, auto or off"
                + " for 'limits.memory', found '15MiB'"),
        Mistake(
            "no rate at all", minimal(adding: "limits: { minimum_rate: 0 }"),
            "m.yaml:6:25: error: expected a size from 1B to 1GiB or off"
                + " for 'limits.minimum_rate', found '0'"),
        Mistake(
            "nothing that a client may send",
            minimal(adding: "limits: { key_updates: 0, tiny_records: 0 }"),
            "m.yaml:6:24: error: expected a whole number from 1 to 1000000"
                + " for 'limits.key_updates', found '0'",
            "m.yaml:6:41: error: expected a whole number from 1 to 1000000000"
                + " for 'limits.tiny_records', found '0'"),
    ]
}
