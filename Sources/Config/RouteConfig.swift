/// One entry of `routes`: requests whose path begins with `path` go to a backend, or
/// are answered by a rule.
public struct RouteConfig: Sendable, Equatable {
    /// The beginning of the paths, itself beginning with `/`.
    public var path: String

    /// An index into `ProxyConfig.backends`; nil exactly when `rules` answer in its place.
    public var backend: Int?

    /// Requests of one client address; nil means any number.
    public var requestRate: RateConfig?

    /// What happens on the way; those of the site are among them.
    public var rules: RuleConfig

    /// Makes the value; what is left out has its default.
    public init(
        path: String,
        backend: Int?,
        requestRate: RateConfig? = nil,
        rules: RuleConfig = RuleConfig()
    ) {
        self.path = path
        self.backend = backend
        self.requestRate = requestRate
        self.rules = rules
    }
}
