internal import HTTP
internal import Telemetry

/// Why an exchange did not end as the client asked: what happened, and through whom.
struct ProxyError: Error, Equatable, Sendable {
    /// What happened.
    let kind: Kind
    /// Who caused it.
    var origin: Fault { kind.origin }

    /// The closed list of what can go wrong in an exchange.
    enum Kind: Equatable, Sendable {
        /// The request breaks a rule of HTTP.
        case badRequest(HTTPFault)
        /// The request's head or body did not arrive in time.
        case slowRequest
        /// The request's body is larger than allowed.
        case bodyTooLarge
        /// The request's head is larger than the server takes (RFC 9113 §6.5.2).
        case headBeyondServer
        /// The client's address asks this route too often; so long it has to wait.
        case tooManyRequests(wait: Duration)
        /// No site serves the host.
        case unknownHost
        /// The connection's certificate does not cover the host.
        case misdirected
        /// The target says `https`, and the client came without TLS.
        case misdirectedScheme
        /// The connection's handshake did not ask for the certificate that the site asks for.
        case misdirectedClient
        /// The site requires a certificate, and the client came without TLS.
        case clientCertificateMissing
        /// The client's certificate, or its lack of one, is not among those that the site allows.
        case clientNotAllowed
        /// The client's address is not among those that the route lets in.
        case addressDenied
        /// The route asks for a name and a password, and there was none, or a wrong one.
        case unauthenticated
        /// Too many passwords wait to be looked at.
        case passwordsBusy
        /// No route of the site matches the path.
        case noRoute
        /// The client went away before its answer was complete.
        case clientClosed
        /// The client broke a rule of HTTP/2 on the request's stream.
        case brokenStream
        /// Neither end of a tunnel said anything for too long.
        case idleTunnel
        /// The client read too slowly.
        case slowReader
        /// No server of the backend takes connections.
        case upstreamUnavailable
        /// The backend's limits let no further request through.
        case upstreamFull(BackendLimitLabel)
        /// No server of the backend took the connection in time.
        case upstreamConnectTimeout
        /// TLS could not be agreed on with any server of the backend.
        case upstreamHandshake
        /// The backend did not begin its answer in time.
        case upstreamFirstByteTimeout
        /// The backend fell silent in the middle of its answer.
        case upstreamStalled
        /// The backend closed before it answered.
        case upstreamClosed
        /// The backend's answer breaks a rule of HTTP.
        case upstreamMalformed(HTTPFault)
        /// The backend closed in the middle of its answer.
        case upstreamTruncated
        /// The backend has not looked at the request, and will not (RFC 9113 §8.7).
        case upstreamRefused
        /// The backend has reset the request's stream.
        case upstreamReset(HTTP2ErrorCode)
        /// The backend broke a rule of HTTP/2.
        case upstreamProtocol
        /// The backend takes no tunnels over HTTP/2 (RFC 8441 §3).
        case upstreamWithoutTunnels
        /// The proxy is stopping, and its patience is over.
        case drained
        /// The process takes too much memory.
        case memoryShort
        /// The TLS session broke in a way that is nobody's message.
        case internalError
    }

    init(_ kind: Kind) { self.kind = kind }

    /// The status that the client gets where an answer can still be given.
    var status: Int {
        switch kind {
        case .badRequest(let fault): fault.status
        case .slowRequest: 408
        case .bodyTooLarge: 413
        case .headBeyondServer: 431
        case .tooManyRequests: 429
        case .unknownHost, .noRoute: 404
        case .misdirected, .misdirectedScheme, .misdirectedClient: 421
        case .clientCertificateMissing, .clientNotAllowed, .addressDenied: 403
        case .unauthenticated: 401
        case .clientClosed, .brokenStream, .slowReader, .idleTunnel: 499
        case .upstreamUnavailable, .upstreamRefused, .upstreamFull: 503
        case .upstreamConnectTimeout, .upstreamFirstByteTimeout, .upstreamStalled: 504
        case .upstreamClosed, .upstreamMalformed, .upstreamTruncated, .upstreamReset,
            .upstreamProtocol, .upstreamWithoutTunnels, .upstreamHandshake:
            502
        case .drained, .memoryShort, .passwordsBusy: 503
        case .internalError: 500
        }
    }

    /// The code with which a stream of HTTP/2 is reset where no answer can be given (RFC 9113 §7).
    var streamCode: HTTP2ErrorCode {
        switch kind {
        case .badRequest, .brokenStream: .protocolError
        case .clientClosed, .slowReader, .slowRequest, .idleTunnel, .bodyTooLarge,
            .headBeyondServer:
            .cancel
        case .drained, .tooManyRequests, .memoryShort, .upstreamFull, .passwordsBusy: .refusedStream
        // What the backend says of its stream is what the client is to hear of its own.
        case .upstreamReset(let code): code == .noError ? .internalError : code
        case .unknownHost, .misdirected, .misdirectedScheme, .misdirectedClient,
            .clientCertificateMissing,
            .clientNotAllowed, .addressDenied, .unauthenticated, .noRoute, .upstreamUnavailable,
            .upstreamConnectTimeout,
            .upstreamFirstByteTimeout, .upstreamStalled, .upstreamClosed, .upstreamMalformed,
            .upstreamTruncated, .upstreamRefused, .upstreamProtocol, .upstreamWithoutTunnels,
            .upstreamHandshake, .internalError:
            .internalError
        }
    }

    /// True exactly when there is a client that an answer could reach.
    var reachesClient: Bool {
        switch kind {
        case .clientClosed, .brokenStream, .slowReader, .idleTunnel: false
        default: true
        }
    }

    /// The stable name in access-log lines.
    var label: StaticString {
        switch kind {
        case .badRequest(let fault): fault.label
        case .slowRequest: "slow_request"
        case .bodyTooLarge: "body_too_large"
        case .headBeyondServer: "head_beyond_server"
        case .tooManyRequests: "too_many_requests"
        case .unknownHost: "unknown_host"
        case .misdirected: "misdirected"
        case .misdirectedScheme: "misdirected_scheme"
        case .misdirectedClient: "misdirected_client_certificate"
        case .clientCertificateMissing: "client_certificate_missing"
        case .clientNotAllowed: "client_certificate_not_allowed"
        case .addressDenied: "address_denied"
        case .unauthenticated: "unauthenticated"
        case .passwordsBusy: "passwords_busy"
        case .noRoute: "no_route"
        case .brokenStream: "broken_stream"
        case .idleTunnel: "idle_tunnel"
        case .clientClosed: "client_closed"
        case .slowReader: "slow_reader"
        case .upstreamUnavailable: "upstream_unavailable"
        case .upstreamFull(let limit): ProxyError.label(of: limit)
        case .upstreamConnectTimeout: "upstream_connect_timeout"
        case .upstreamHandshake: "upstream_handshake"
        case .upstreamFirstByteTimeout: "upstream_first_byte_timeout"
        case .upstreamStalled: "upstream_stalled"
        case .upstreamClosed: "upstream_closed"
        case .upstreamMalformed: "upstream_malformed"
        case .upstreamTruncated: "upstream_truncated"
        case .upstreamRefused: "upstream_refused"
        case .upstreamReset: "upstream_reset"
        case .upstreamProtocol: "upstream_protocol"
        case .upstreamWithoutTunnels: "upstream_without_tunnels"
        case .drained: "drained"
        case .memoryShort: "memory_short"
        case .internalError: "internal_error"
        }
    }

    /// The stable name of a backend's limit.
    private static func label(of limit: BackendLimitLabel) -> StaticString {
        switch limit {
        case .connections: "upstream_connections_limit"
        case .requests: "upstream_requests_limit"
        case .pending: "upstream_pending_limit"
        case .queue: "upstream_queue_full"
        case .queueTimeout: "upstream_queue_timeout"
        case .retryBudget: "upstream_retry_budget"
        }
    }

    /// The sentence that the client gets to read.
    var text: StaticString {
        switch kind {
        case .badRequest(let fault): fault.reason
        case .slowRequest: "The request did not arrive in time."
        case .bodyTooLarge: "The request's body is larger than this server accepts."
        case .headBeyondServer: "The request's head is larger than this place accepts."
        case .tooManyRequests: "This address asks too often."
        case .unknownHost: "No site is served under this host name."
        case .misdirected: "This connection's certificate does not cover the requested host."
        case .misdirectedScheme: "What is asked for under https is given over TLS only."
        case .misdirectedClient: "This host asks for a certificate on another connection."
        case .clientCertificateMissing: "This host is for clients with a certificate."
        case .clientNotAllowed: "This host is for other clients."
        case .addressDenied: "This place is for other addresses."
        case .unauthenticated: "This place asks for a name and a password."
        case .passwordsBusy: "Too many passwords wait to be looked at."
        case .noRoute: "No route matches this path."
        case .brokenStream: "The stream breaks a rule of HTTP/2."
        case .idleTunnel: "The tunnel was silent for too long."
        case .clientClosed: "The client closed the connection."
        case .slowReader: "The client reads too slowly."
        case .upstreamUnavailable: "No server is available to answer this request."
        case .upstreamFull: "The servers have all the requests that they can take."
        case .upstreamConnectTimeout: "No server accepted the connection in time."
        case .upstreamHandshake: "No server could be trusted with this request."
        case .upstreamFirstByteTimeout: "The server did not answer in time."
        case .upstreamStalled: "The server stopped answering."
        case .upstreamClosed: "The server closed the connection before it answered."
        case .upstreamMalformed: "The server sent an invalid answer."
        case .upstreamTruncated: "The server's answer ended early."
        case .upstreamRefused: "The server takes no further request now."
        case .upstreamReset: "The server gave the request up."
        case .upstreamProtocol: "The server broke a rule of HTTP/2."
        case .upstreamWithoutTunnels: "The server takes no tunnels."
        case .drained: "The proxy is shutting down."
        case .memoryShort: "The server is overloaded."
        case .internalError: "The proxy failed to handle this request."
        }
    }
}

extension ProxyError.Kind {
    /// Who caused it.
    var origin: Fault {
        switch self {
        case .badRequest, .slowRequest, .bodyTooLarge, .headBeyondServer, .tooManyRequests,
            .unknownHost, .misdirected, .misdirectedScheme, .misdirectedClient,
            .clientCertificateMissing, .clientNotAllowed, .addressDenied, .unauthenticated,
            .noRoute, .clientClosed, .slowReader, .brokenStream, .idleTunnel:
            .client
        case .upstreamUnavailable, .upstreamConnectTimeout, .upstreamFirstByteTimeout,
            .upstreamFull, .upstreamStalled, .upstreamClosed, .upstreamMalformed,
            .upstreamTruncated, .upstreamRefused, .upstreamReset, .upstreamProtocol,
            .upstreamWithoutTunnels, .upstreamHandshake:
            .upstream
        case .drained, .memoryShort, .passwordsBusy, .internalError: .internal
        }
    }
}
