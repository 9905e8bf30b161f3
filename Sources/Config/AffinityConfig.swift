/// How a client stays with its server: by a cookie that Martlet sets.
public struct AffinityConfig: Sendable, Equatable {
    /// The name of the cookie.
    public var cookie: String

    /// How long browsers keep it; nil until they are closed.
    public var maxAge: Duration?

    /// What makes the value one that nobody can guess a server's address from; nil for nothing.
    public var key: String?

    /// Makes the value; what is left out has its default.
    public init(cookie: String, maxAge: Duration? = nil, key: String? = nil) {
        self.cookie = cookie
        self.maxAge = maxAge
        self.key = key
    }
}
