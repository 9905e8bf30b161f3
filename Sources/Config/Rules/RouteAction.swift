/// What Martlet answers itself in the place of a backend.
public enum RouteAction: Sendable, Equatable {
    /// Sends clients elsewhere.
    case redirect(RedirectConfig)
    /// Gives the same answer to everybody.
    case respond(RespondConfig)
}

/// Where clients are sent.
public struct RedirectConfig: Sendable, Equatable {
    /// The value of `Location`.
    public var target: RuleText
    /// 301, 302, 303, 307 or 308.
    public var status: Int

    /// Makes the value; what is left out has its default.
    public init(target: RuleText, status: Int = 308) {
        self.target = target
        self.status = status
    }
}

/// An answer that is always the same.
public struct RespondConfig: Sendable, Equatable {
    /// The status, 200 to 599.
    public var status: Int
    /// What follows the head; empty for nothing.
    public var body: String
    /// The value of `Content-Type`; sent where there is a body.
    public var contentType: String

    /// Makes the value; what is left out has its default.
    public init(
        status: Int = 200, body: String = "", contentType: String = "text/plain; charset=utf-8"
    ) {
        self.status = status
        self.body = body
        self.contentType = contentType
    }
}
