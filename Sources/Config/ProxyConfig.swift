/// A whole configuration, complete and consistent: what the operator wrote, and the defaults.
public struct ProxyConfig: Sendable, Equatable {
    /// How many event loops serve.
    public var workers: WorkerCount

    /// Whether each worker is bound to one processor.
    public var pinWorkers: Bool

    /// Where clients are awaited; at least one after a load.
    public var listeners: [ListenerConfig]

    /// Where the admin endpoint is served; nil exactly when it is off.
    public var admin: AdminConfig?

    /// The sites in the order of the file; at least one after a load.
    public var sites: [SiteConfig]

    /// The named backends in the order of the file, then those given as URLs.
    public var backends: [BackendConfig]

    /// What is negotiated with clients.
    public var tls: TLSConfig

    /// How long each state may last.
    public var timeouts: TimeoutConfig

    /// How much of everything there may be.
    public var limits: LimitConfig

    /// What clients that speak HTTP/2 are held to.
    public var http2: HTTP2Config

    /// What becomes of requests that backends take in different ways.
    public var http: HTTPConfig

    /// What backends are told about clients.
    public var forwarding: ForwardingConfig

    /// Who is asked for the addresses of names.
    public var dns = DNSConfig()

    /// How connections to backends are used.
    public var upstream: UpstreamConfig

    /// Where requests are logged; nil exactly when they are not.
    public var accessLog: AccessLogConfig?

    /// Where events are logged.
    public var eventLog: EventLogConfig

    /// Makes the value; what is left out has its default.
    public init(
        workers: WorkerCount = .auto,
        pinWorkers: Bool = false,
        listeners: [ListenerConfig] = [],
        admin: AdminConfig? = AdminConfig(),
        sites: [SiteConfig] = [],
        backends: [BackendConfig] = [],
        tls: TLSConfig = TLSConfig(),
        timeouts: TimeoutConfig = TimeoutConfig(),
        limits: LimitConfig = LimitConfig(),
        http2: HTTP2Config = HTTP2Config(),
        http: HTTPConfig = HTTPConfig(),
        forwarding: ForwardingConfig = ForwardingConfig(),
        upstream: UpstreamConfig = UpstreamConfig(),
        accessLog: AccessLogConfig? = nil,
        eventLog: EventLogConfig = EventLogConfig()
    ) {
        self.workers = workers
        self.pinWorkers = pinWorkers
        self.listeners = listeners
        self.admin = admin
        self.sites = sites
        self.backends = backends
        self.tls = tls
        self.timeouts = timeouts
        self.limits = limits
        self.http2 = http2
        self.http = http
        self.forwarding = forwarding
        self.upstream = upstream
        self.accessLog = accessLog
        self.eventLog = eventLog
    }
}
