public import Bytes
public import Platform

/// The facts of one exchange, for one line of the access log. One for each worker, filled anew each
/// time.
public final class AccessRecord {
    /// When the request came.
    public var time = WallTime(seconds: 0)
    /// Who asked.
    public var client = SocketAddress.unix("")
    /// The method as it was sent.
    public var method = ByteQueue()
    /// The target as it was sent.
    public var target = ByteQueue()
    /// The host, with its port if it was sent.
    public var host = ByteQueue()
    /// The value of Referer.
    public var referer = ByteQueue()
    /// The value of User-Agent.
    public var userAgent = ByteQueue()
    /// The site's name.
    public var site = ByteQueue()
    /// The backend's name.
    public var backend = ByteQueue()
    /// The server's name.
    public var server = ByteQueue()
    /// The version of HTTP.
    public var version = RequestVersion.http11
    /// The status that the client got.
    public var status = 0
    /// Bytes of the request's body.
    public var bytesIn = 0
    /// Bytes of the response's body.
    public var bytesOut = 0
    /// From the end of the request's head to the end of the answer.
    public var duration = Duration.zero
    /// How long the connect to the server took; nil on a connection that was open.
    public var upstreamConnect: Duration?
    /// From the request's sending to the first byte of the answer.
    public var upstreamFirstByte: Duration?
    /// TLS's version as on the wire; 0 without TLS.
    public var tlsVersion: UInt16 = 0
    /// True exactly when the TLS session was resumed.
    public var isResumed = false
    /// Through whom it failed.
    public var fault = Fault.none
    /// Why it failed: a stable name.
    public var reason: StaticString = ""
    /// Who ended a connection of a TCP site; empty at HTTP sites.
    public var endedBy: StaticString = ""
    /// The rule of the route that has answered; empty where none has.
    public var rule: StaticString = ""
    /// The name that the client has shown to have; empty where nobody has asked.
    public var user = ByteQueue()
    /// What tells the request from all others; empty where nobody has asked.
    public var requestID = ByteQueue()
    /// Counts the requests on the connection, from 1.
    public var requestOnConnection = 0

    /// Makes an empty record.
    public init() {}

    /// Forgets everything; keeps the memory.
    public func reset() {
        time = WallTime(seconds: 0)
        client = .unix("")
        method.removeAll()
        target.removeAll()
        host.removeAll()
        referer.removeAll()
        userAgent.removeAll()
        site.removeAll()
        backend.removeAll()
        server.removeAll()
        version = .http11
        status = 0
        bytesIn = 0
        bytesOut = 0
        duration = .zero
        upstreamConnect = nil
        upstreamFirstByte = nil
        tlsVersion = 0
        isResumed = false
        fault = .none
        reason = ""
        endedBy = ""
        rule = ""
        user.removeAll()
        requestID.removeAll()
        requestOnConnection = 0
    }
}
