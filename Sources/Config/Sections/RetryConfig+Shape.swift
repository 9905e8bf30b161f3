extension RetryConfig {
    /// The keys of `retries`.
    static let shape = Shape(
        RetryConfig(),
        keys: [
            Key("attempts", \.attempts, .optional(.integer(0...10))),
            Key("on", \.causes, .list(of: .choice)),
            Key("budget", \.budget, .integer(0...100, orWord: "off")),
            Key("body", \.body, .size(0...1 << 20)),
            Key("wait", \.wait, .duration(.zero ... .seconds(60))),
        ],
        check: { retries, _, mark, context in
            if retries.wait > .zero, !retries.causes.contains(.connect) {
                context.warning("'wait' does nothing without 'connect' in 'on'", at: mark)
            }
        })
}
