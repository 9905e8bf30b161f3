extension HealthConfig {
    private static let interval: ClosedRange<Duration> = .milliseconds(100) ... .seconds(86_400)
    private static let timeout: ClosedRange<Duration> = .milliseconds(10) ... .seconds(60)
    private static let counts = 1...1000
    /// Which keys mean nothing to a kind of check, and what to do about them.
    private static func foreignKeys(_ kind: Kind) -> (keys: [String], advice: String) {
        switch kind {
        case .http: (["service"], "write 'type: grpc' or leave it out")
        case .tcp:
            (
                ["path", "host", "method", "status", "body", "service"],
                "it only connects; write 'type: http' or leave it out"
            )
        case .grpc:
            (
                ["path", "method", "status", "body"],
                "it asks the health service; write 'type: http' or leave it out"
            )
        }
    }

    /// The keys of `health`.
    static let shape = Shape(
        HealthConfig(),
        keys: [
            Key("type", \.kind, .choice),
            Key("path", \.path, .checkPath),
            Key("host", \.host, .checkHost),
            Key("method", \.method, .choice),
            Key("interval", \.interval, .duration(interval)),
            Key("timeout", \.timeout, .duration(timeout)),
            Key("rise", \.rise, .integer(counts)),
            Key("fall", \.fall, .integer(counts)),
            Key("status", \.status, .statuses),
            Key("body", \.body, .bodyText),
            Key("service", \.service, .service),
            Key("port", \.port, .integer(1...65_535, orWord: "auto")),
        ],
        check: { section, present, mark, context in
            let (keys, advice) = foreignKeys(section.kind)
            for key in keys where present.contains(key) {
                context.error(
                    "'\(key)' means nothing to a check of type \(section.kind.rawValue): \(advice)",
                    at: mark)
            }
            if section.kind == .http, section.method == .head, section.body != nil {
                context.error("an answer to HEAD has no 'body' to look at", at: mark)
            }
        })
}
