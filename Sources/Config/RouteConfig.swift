/// One entry of `routes`: requests whose path begins with `path` go to a backend.
public struct RouteConfig: Sendable, Equatable {
    /// The beginning of the paths, itself beginning with `/`.
    public var path: String

    /// An index into `ProxyConfig.backends`.
    public var backend: Int

    /// Requests of one client address; nil means any number.
    public var requestRate: RateConfig?

    /// Makes the value; what is left out has its default.
    public init(
        path: String,
        backend: Int,
        requestRate: RateConfig? = nil
    ) {
        self.path = path
        self.backend = backend
        self.requestRate = requestRate
    }
}
