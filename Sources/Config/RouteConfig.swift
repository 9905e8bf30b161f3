/// One entry of `routes`: requests whose path begins with `path` go to a backend.
public struct RouteConfig: Sendable, Equatable {
    /// The beginning of the paths, itself beginning with `/`.
    public var path: String

    /// An index into `ProxyConfig.backends`.
    public var backend: Int

    /// Makes the value; what is left out has its default.
    public init(
        path: String,
        backend: Int
    ) {
        self.path = path
        self.backend = backend
    }
}
