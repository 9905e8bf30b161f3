extension HSTSConfig {
    /// Ten years are for ever.
    private static let range: ClosedRange<Duration> = .zero ... .seconds(3_650 * 86_400)

    /// What the lists that browsers ship with take no site below.
    private static let preloadMinimum = Duration.seconds(365 * 86_400)

    /// The keys of `hsts`.
    static let shape = Shape(
        HSTSConfig(),
        keys: [
            Key("max_age", \.maxAge, .wholeSeconds(range)),
            Key("include_subdomains", \.includesSubdomains, .boolean),
            Key("preload", \.preloads, .boolean),
        ],
        check: { hsts, _, mark, context in
            guard hsts.preloads else { return }
            if !hsts.includesSubdomains {
                context.error(
                    "'preload' needs 'include_subdomains: true': browsers list no site without it",
                    at: mark)
            }
            if hsts.maxAge < preloadMinimum {
                context.error(
                    "'preload' needs a 'max_age' of at least 365d: browsers list no site below",
                    at: mark)
            }
        })
}

extension ValueKind<Duration> {
    /// A duration in `range` without a fraction of a second, which its field cannot say.
    fileprivate static func wholeSeconds(_ range: ClosedRange<Duration>) -> ValueKind {
        ValueKind.duration(range).refined { duration, _ throws(Refusal) in
            guard duration.components.attoseconds == 0 else {
                let spelling = DurationText.spelling(of: duration)
                throw Refusal("\(quoted(spelling)) is not a whole number of seconds")
            }
            return duration
        }
    }
}
