/// One entry of `sites`: hosts, their certificates, and where their requests go.
public struct SiteConfig: Sendable, Equatable {
    /// Lower-case names without a trailing dot, exact or `*.` and a name; at least one.
    public var hosts: [String]

    /// What its clients speak; the one route of a site that is not HTTP is for "/".
    public var service: SiteProtocol

    /// The application protocols (RFC 7301) by which the site is told from others of its hosts,
    /// best first; empty where any will do, and at HTTP sites.
    public var alpn: [String]

    /// The pairs to choose from, by what the client can verify.
    public var certificates: [CertificatePair]

    /// Where requests go; at least one after a load, no path twice.
    public var routes: [RouteConfig]

    /// What is negotiated otherwise for this site.
    public var tls: SiteTLSConfig

    /// What browsers are told about TLS; nil where they are told nothing.
    public var hsts: HSTSConfig?

    /// True exactly when responses get the security fields that the backend left out.
    public var securityHeaders: Bool

    /// Where the entry stands in the file.
    public var mark: SourceMark

    /// What the site is called in metrics and logs: its first host.
    public var name: String { hosts.first ?? "" }

    /// Makes the value; what is left out has its default.
    public init(
        hosts: [String],
        service: SiteProtocol = .http,
        alpn: [String] = [],
        certificates: [CertificatePair] = [],
        routes: [RouteConfig] = [],
        tls: SiteTLSConfig = SiteTLSConfig(),
        hsts: HSTSConfig? = nil,
        securityHeaders: Bool = false,
        mark: SourceMark = SourceMark()
    ) {
        self.hosts = hosts
        self.service = service
        self.alpn = alpn
        self.certificates = certificates
        self.routes = routes
        self.tls = tls
        self.hsts = hsts
        self.securityHeaders = securityHeaders
        self.mark = mark
    }
}
