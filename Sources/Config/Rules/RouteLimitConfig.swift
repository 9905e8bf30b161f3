/// What a route says about bounds.
public struct RouteLimitConfig: Sendable, Equatable {
    /// How large a request's body may be.
    public enum Body: Sendable, Equatable {
        /// As large as `limits` says for all.
        case inherited
        /// As large as the client likes.
        case unlimited
        /// At most so many bytes.
        case bytes(Int)
    }

    /// How large a request's body may be.
    public var requestBody: Body

    /// Makes the value; what is left out has its default.
    public init(requestBody: Body = .inherited) { self.requestBody = requestBody }

    /// These, and those of `site` where nothing is said here.
    func merged(over site: RouteLimitConfig) -> RouteLimitConfig {
        requestBody == .inherited ? site : self
    }
}
