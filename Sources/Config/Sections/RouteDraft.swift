/// An entry of `routes` before its backend has been looked up.
struct RouteDraft: Sendable {
    /// The beginning of the paths; nil where it was absent or wrong.
    var path: Located<String>?

    /// Where requests go; nil where it was absent or wrong.
    var backend: Located<BackendReference>?

    /// How often one address may ask.
    var requestRate: RateConfig?

    /// The keys of an entry of `routes`.
    static let shape = Shape(
        RouteDraft(),
        keys: [
            Key("path", \.path, .optional(.located(.routePath)), required: true),
            Key("backend", \.backend, .optional(.located(.backendReference)), required: true),
            Key("request_rate", \.requestRate, .rateOrOff),
        ])
}
