/// A rate before the burst that was left out is known.
struct RateDraft: Sendable {
    /// How many in a second; nil where it was absent or wrong.
    var perSecond: Int?

    /// How many at once; nil where it was absent or wrong.
    var burst: Int?

    /// The keys of a rate.
    static let shape = Shape(
        RateDraft(),
        keys: [
            Key(
                "per_second", \.perSecond, .optional(.integer(1...1_000_000)), required: true),
            Key("burst", \.burst, .optional(.integer(1...1_000_000))),
        ])
}

extension ValueKind<RateConfig?> {
    /// A rate, or `off`; what comes in a second may come at once where no burst is given.
    static let rateOrOff = ValueKind<RateDraft?>.sectionOrOff(RateDraft.shape).map { draft in
        guard let draft, let perSecond = draft.perSecond else { return RateConfig?.none }
        return RateConfig(perSecond: perSecond, burst: draft.burst ?? perSecond)
    }
}
