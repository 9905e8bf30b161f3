/// An entry of `routes` before its backend has been looked up.
struct RouteDraft: Sendable {
    /// The beginning of the paths; nil where it was absent or wrong.
    var path: Located<String>?

    /// Where requests go; nil where it was absent or wrong.
    var backend: Located<BackendReference>?

    /// How often one address may ask.
    var requestRate: RateConfig?

    /// What happens on the way.
    var rules = RuleDraft()

    /// The keys of an entry of `routes`.
    static let shape = Shape(
        RouteDraft(),
        keys: [
            Key("path", \.path, .optional(.located(.routePath)), required: true),
            Key("backend", \.backend, .optional(.located(.backendReference))),
            Key("request_rate", \.requestRate, .rateOrOff),
        ] + RuleDraft.keys(at: \.rules),
        check: { route, present, mark, context in
            let given = RuleDraft.actions.filter(present.contains)
            if given.isEmpty {
                context.error("missing key 'backend'\(context.place)", at: mark)
            } else if given.count > 1 {
                context.error(
                    "'\(given[0])' and '\(given[1])' exclude each other\(context.place)", at: mark)
            }
            route.rules.check(present, at: mark, &context)
        })
}
