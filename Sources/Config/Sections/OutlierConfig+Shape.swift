extension OutlierConfig {
    private static let range: ClosedRange<Duration> = .milliseconds(100) ... .seconds(7 * 86_400)

    /// The keys of `outliers`.
    static let shape = Shape(
        OutlierConfig(),
        keys: [
            Key("consecutive_failures", \.consecutiveFailures, .integer(1...1_000_000)),
            Key("error_rate", \.errorRate, .integer(1...100, orWord: "off")),
            Key("ejection", \.ejection, .duration(range)),
            Key("max_ejection", \.maxEjection, .duration(range)),
            Key("minimum_share", \.minimumShare, .integer(0...100)),
        ],
        check: { section, _, mark, context in
            if section.maxEjection < section.ejection {
                context.error("'max_ejection' is shorter than 'ejection'", at: mark)
            }
        })
}
