extension AccessLogConfig {
    /// The keys of `access_log`.
    static let shape = Shape(
        AccessLogConfig(),
        keys: [
            Key("path", \.target, .logTarget),
            Key("format", \.format, .choice),
        ])
}
