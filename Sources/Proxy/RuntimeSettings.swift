public import Config
public import HTTP
public import Telemetry

/// Deadlines, bounds and forwarding rules of one snapshot, in the form that workers use.
public struct RuntimeSettings: Sendable {
    /// The one table of deadlines.
    public var timeouts: TimeoutConfig
    /// The bounds on heads of requests.
    public var requestLimits: MessageLimits
    /// The bounds on heads of responses.
    public var responseLimits: MessageLimits
    /// The largest request body in bytes; nil for no bound.
    public var requestBodyLimit: Int64?
    /// How many connections each worker accepts before it stops accepting.
    public var connectionsPerWorker: Int
    /// How many connections each worker accepts from one client address.
    public var connectionsPerAddress: Int
    /// How often one client address may connect; nil for any number.
    public var connectionRate: RateLimit?
    /// How often one client address may begin a handshake; nil for any number.
    public var handshakeRate: RateLimit?
    /// The buckets of all rates; nil where there are none.
    public var rates: RateBuckets?
    /// How many bytes a client has to move in a second; nil for none.
    public var minimumRate: Int?
    /// How many KeyUpdates without application data between them end a connection (RFC 8446 §4.6.3
    /// sets no bound).
    public var keyUpdates: Int
    /// How many tiny TLS records in a second are beyond what a connection may send.
    public var tinyRecords: Int
    /// After how many requests a connection is closed.
    public var requestsPerConnection: Int
    /// How many bytes may wait in one direction of one connection before reading from the other end
    /// pauses.
    public var bufferBytes: Int
    /// How many idle connections each worker keeps to each server.
    public var idleUpstreamConnections: Int
    /// How many further attempts a request gets that is safe to repeat.
    public var retries: Int
    /// How many requests may be under way on one connection to an h2c server.
    public var streamsPerConnection = 100
    /// What HTTP/2 clients are told and held to.
    public var http2 = HTTP2Settings()
    /// How often they may do what brings nothing.
    public var http2Budgets = HTTP2Budgets()
    /// Which requests are refused although the standards allow them.
    public var requestPolicy: RequestPolicy
    /// Which forwarding fields the backend gets.
    public var forwarding: ForwardingRules
    /// Who looks at passwords; nil where nobody is asked for one.
    public var passwords: PasswordChecker?
    /// What makes digests of passwords this process's own; it never leaves it.
    public var passwordSeed: [UInt8] = []
    /// The format of access-log lines; nil where none are written.
    public var accessLogFormat: AccessLogFormat?

    /// How many bytes of a client may wait to be understood: at least what a head or a trailer
    /// section may have, which is not consumed before its end has come, and one more, by which a
    /// head is seen to be too large.
    var inputBytes: Int {
        max(bufferBytes, requestLimits.headBytes + 1, requestLimits.trailerBytes + 2)
    }

    /// Collects the settings.
    public init(
        timeouts: TimeoutConfig, requestLimits: MessageLimits, responseLimits: MessageLimits,
        forwarding: ForwardingRules
    ) {
        self.timeouts = timeouts
        self.requestLimits = requestLimits
        self.responseLimits = responseLimits
        self.forwarding = forwarding
        requestPolicy = RequestPolicy()
        requestBodyLimit = nil
        connectionsPerWorker = 1024
        connectionsPerAddress = 1024
        minimumRate = 100
        keyUpdates = 32
        tinyRecords = 10_000
        requestsPerConnection = 10_000
        bufferBytes = 65_536
        idleUpstreamConnections = 64
        retries = 1
        accessLogFormat = nil
    }
}
