/// What happens to the requests of a route, and to their responses, on the way.
public struct RuleConfig: Sendable, Equatable {
    /// What is taken off the begin of paths, in whole segments and without a slash at its end.
    public var stripPrefix: String?
    /// What takes the place of the path; nil where it stays.
    public var rewrite: RuleText?
    /// The host and port that the backend gets in place of the client's; nil where it stays.
    public var host: String?
    /// What becomes of the fields of requests.
    public var requestHeaders: FieldEditConfig
    /// What becomes of the fields of responses.
    public var responseHeaders: FieldEditConfig
    /// What is answered in the place of a backend; nil where there is one.
    public var action: RouteAction?
    /// Who may ask; nil for everybody.
    public var allow: [AddressBlock]?
    /// Who may not.
    public var deny: [AddressBlock]
    /// Who may ask by name and password; nil for everybody.
    public var basicAuth: BasicAuthConfig?
    /// The deadlines that differ.
    public var timeouts: RouteTimeoutConfig
    /// The bounds that differ.
    public var limits: RouteLimitConfig
    /// What becomes of traces.
    public var trace: TraceRule
    /// How requests are told apart; nil where they are not.
    public var requestID: RequestIDConfig?

    /// Makes the value; what is left out has its default.
    public init(
        stripPrefix: String? = nil, rewrite: RuleText? = nil, host: String? = nil,
        requestHeaders: FieldEditConfig = FieldEditConfig(),
        responseHeaders: FieldEditConfig = FieldEditConfig(), action: RouteAction? = nil,
        allow: [AddressBlock]? = nil, deny: [AddressBlock] = [],
        basicAuth: BasicAuthConfig? = nil, timeouts: RouteTimeoutConfig = RouteTimeoutConfig(),
        limits: RouteLimitConfig = RouteLimitConfig(), trace: TraceRule = .pass,
        requestID: RequestIDConfig? = nil
    ) {
        self.stripPrefix = stripPrefix
        self.rewrite = rewrite
        self.host = host
        self.requestHeaders = requestHeaders
        self.responseHeaders = responseHeaders
        self.action = action
        self.allow = allow
        self.deny = deny
        self.basicAuth = basicAuth
        self.timeouts = timeouts
        self.limits = limits
        self.trace = trace
        self.requestID = requestID
    }
}
