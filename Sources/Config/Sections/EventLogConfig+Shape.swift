extension EventLogConfig {
    /// The keys of `event_log`.
    static let shape = Shape(
        EventLogConfig(),
        keys: [
            Key("path", \.target, .logTarget),
            Key("level", \.level, .choice),
        ])
}
