/// A listener in metrics: interned, the same over reloads.
public struct ListenerLabel: Hashable, Sendable {
    let index: UInt32
}

/// A site in metrics: interned, the same over reloads.
public struct SiteLabel: Hashable, Sendable {
    let index: UInt32
}

/// A server of a backend in metrics: interned, the same over reloads.
public struct ServerLabel: Hashable, Sendable {
    let index: UInt32
}

/// A backend in metrics: interned, the same over reloads.
public struct BackendLabel: Hashable, Sendable {
    let index: UInt32
}

/// How a handshake came to its keys.
public enum Resumption: UInt8, Sendable, CaseIterable {
    /// With a certificate.
    case full
    /// With a ticket.
    case ticket
    /// With a ticket, and data before the handshake had ended.
    case earlyData

    var label: String {
        switch self {
        case .full: "full"
        case .ticket: "ticket"
        case .earlyData: "early_data"
        }
    }
}

/// What became of early data.
public enum EarlyDataResult: UInt8, Sendable, CaseIterable {
    /// It was taken.
    case accepted
    /// Its ticket had brought early data before.
    case replayed
    /// It was not taken for another reason.
    case refused

    /// As logs and metrics write it.
    public var label: StaticString {
        switch self {
        case .accepted: "accepted"
        case .replayed: "replayed"
        case .refused: "refused"
        }
    }
}

/// The version of HTTP that a request came in.
public enum RequestVersion: UInt8, Sendable, CaseIterable {
    /// HTTP/1.0
    case http10
    /// HTTP/1.1
    case http11
    /// HTTP/2
    case http2
    /// None of them: bytes of a TCP site.
    case tcp

    /// As logs and metrics write it.
    public var label: StaticString {
        switch self {
        case .http10: "HTTP/1.0"
        case .http11: "HTTP/1.1"
        case .http2: "HTTP/2"
        case .tcp: "TCP"
        }
    }
}

/// Why a server failed a request.
public enum UpstreamFailureReason: UInt8, Sendable, CaseIterable {
    /// It refused the connection, or could not be reached.
    case connect
    /// It did not take the connection in time, or another address of its name was faster.
    case connectTimeout
    /// It closed before its answer was complete.
    case closed
    /// It fell silent.
    case timeout
    /// Its answer broke a rule of HTTP.
    case malformed
    /// It refused the request's stream unread.
    case refused
    /// It reset the request's stream.
    case reset
    /// Its certificate has expired.
    case certificateExpired
    /// Its certificate is for other hosts.
    case hostNameMismatch
    /// Nobody who is trusted has vouched for its certificate.
    case unknownAuthority
    /// Its key is none of those that are pinned.
    case pinMismatch
    /// Its certificate has been revoked.
    case certificateRevoked
    /// Nobody can say that its certificate has not been revoked.
    case revocationUnknown
    /// Its certificate is not to be believed for another reason.
    case certificateInvalid
    /// TLS could not be agreed on otherwise.
    case handshake

    /// As logs and metrics write it.
    public var label: StaticString {
        switch self {
        case .connect: "connect"
        case .connectTimeout: "connect_timeout"
        case .closed: "closed"
        case .timeout: "timeout"
        case .malformed: "malformed"
        case .refused: "refused"
        case .reset: "reset"
        case .certificateExpired: "certificate_expired"
        case .hostNameMismatch: "host_name_mismatch"
        case .unknownAuthority: "unknown_authority"
        case .pinMismatch: "pin_mismatch"
        case .certificateRevoked: "certificate_revoked"
        case .revocationUnknown: "crl_unusable"
        case .certificateInvalid: "certificate_invalid"
        case .handshake: "handshake"
        }
    }
}

/// Why a connection was not accepted.
public enum RefusalReason: UInt8, Sendable, CaseIterable {
    /// There are as many connections as may be.
    case limit
    /// The client's address has as many connections as it may have.
    case addressLimit
    /// The process has no descriptors left.
    case descriptors
    /// The client's address connects too often.
    case addressRate
    /// The process takes too much memory.
    case memory
    /// Its address is none of a proxy whose header is believed.
    case untrustedProxy
    /// Its header of the PROXY protocol is missing, wrong or late.
    case proxyHeader

    /// As logs and metrics write it.
    public var label: StaticString {
        switch self {
        case .limit: "limit"
        case .addressLimit: "address_limit"
        case .descriptors: "descriptors"
        case .addressRate: "address_rate"
        case .memory: "memory"
        case .untrustedProxy: "untrusted_proxy"
        case .proxyHeader: "proxy_header"
        }
    }
}

/// Through whom an exchange failed.
public enum Fault: UInt8, Sendable {
    /// It did not fail.
    case none
    /// Through the client.
    case client
    /// Through the server.
    case upstream
    /// Through the proxy itself.
    case `internal`

    /// As logs write it.
    public var label: StaticString {
        switch self {
        case .none: ""
        case .client: "client"
        case .upstream: "upstream"
        case .internal: "internal"
        }
    }
}
