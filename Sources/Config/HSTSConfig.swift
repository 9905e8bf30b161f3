/// What browsers are told of a site that is to be reached by TLS only (RFC 6797 §6.1).
public struct HSTSConfig: Sendable, Equatable {
    /// How long a browser keeps to it; whole seconds, and zero takes it back.
    public var maxAge: Duration

    /// True exactly when it holds for all hosts below the site's too.
    public var includesSubdomains: Bool

    /// True exactly when browsers may ship with it built in.
    public var preloads: Bool

    /// Makes the value; what is left out has its default.
    public init(
        maxAge: Duration = .seconds(365 * 86_400), includesSubdomains: Bool = false,
        preloads: Bool = false
    ) {
        self.maxAge = maxAge
        self.includesSubdomains = includesSubdomains
        self.preloads = preloads
    }
}
