extension HealthConfig {
    private static let interval: ClosedRange<Duration> = .milliseconds(100) ... .seconds(86_400)
    private static let timeout: ClosedRange<Duration> = .milliseconds(10) ... .seconds(60)
    private static let counts = 1...1000
    /// What only a request has.
    private static let keysOfRequests = ["path", "host", "method", "status", "body"]

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
            Key("port", \.port, .integer(1...65_535, orWord: "auto")),
        ],
        check: { section, present, mark, context in
            if section.kind == .tcp {
                for key in keysOfRequests where present.contains(key) {
                    context.error(
                        "'\(key)' means nothing to a check of type tcp, which only connects;"
                            + " write 'type: http' or leave it out", at: mark)
                }
            } else if section.method == .head, section.body != nil {
                context.error("an answer to HEAD has no 'body' to look at", at: mark)
            }
        })
}
