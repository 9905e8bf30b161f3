/// The life of one exchange as a pure state machine: events in, one action out, no sockets, clock
/// or log.
///
/// ```
///  awaitingUpstream ──ready──▶ awaitingResponse ──head──▶ streaming ──end──▶ finished
///        │  ▲                        │                        │
///        │  └────── retry ───────────┤                        └─ failed: truncated
///        └─ no server: answered      └─ failed: answered
/// ```
/// The request's body travels beside this: `isRequestComplete` is true exactly when all of it has
/// been taken from the client.
struct ExchangeMachine: Equatable, Sendable {
    /// What the exchange awaits.
    enum State: Equatable, Sendable {
        /// A connection to a server.
        case awaitingUpstream
        /// The head of the final response.
        case awaitingResponse
        /// The rest of the response's body.
        case streaming
        /// Bytes in both directions until either end closes.
        case tunnelling
        /// Nothing: it has been accounted for, or is about to be.
        case finished
    }

    /// What can happen to an exchange.
    enum Event: Equatable, Sendable {
        /// A connection is there; `reused` if it has carried a request before.
        case upstreamReady(reused: Bool)
        /// A server could not be connected to.
        case connectFailed(timedOut: Bool)
        /// A server took the connection, but TLS could not be agreed on.
        case handshakeFailed
        /// A part of the request's body was handed to the server's connection: it cannot be sent
        /// again.
        case requestBytesConsumed
        /// The request's body has ended.
        case requestCompleted
        /// Any byte of a response has arrived.
        case responseBegan
        /// The head of the final response has arrived.
        case responseHead
        /// The server agreed to change the protocol.
        case switchedProtocols
        /// The response's body has ended.
        case responseCompleted
        /// The connection to the server failed, or the server broke a rule.
        case upstreamFailed(ProxyError)
        /// The server has certainly not looked at the request (RFC 9113 §8.7).
        case upstreamRefused
        /// The client went away, broke a rule in its body, or was too slow.
        case downstreamFailed(ProxyError)
    }

    /// What is to be done about it.
    enum Action: Equatable, Sendable {
        /// Nothing.
        case proceed
        /// Connect to the next server, or take an idle connection if `fresh` is false.
        case connect(fresh: Bool)
        /// Send the request's head.
        case send
        /// Pass the response's head on.
        case relayHead
        /// Pass bytes both ways from now on.
        case openTunnel
        /// Give the client an answer of our own.
        case answer(ProxyError)
        /// Cut the client's connection so that what it has cannot look complete.
        case truncate(ProxyError)
        /// Account for it and go on with the next request.
        case finish
    }

    /// What the exchange awaits; assigned here only.
    private(set) var state: State = .awaitingUpstream
    /// True exactly when all of the request has been taken from the client.
    private(set) var isRequestComplete = false

    /// True exactly when RFC 9110 §9.2.2 lets the request be sent twice.
    private let isIdempotent: Bool
    /// How many servers have not been tried yet, this one not counted.
    private var untriedServers: Int
    /// How often a request may be repeated that may have reached a server.
    private var retries: Int
    /// How often a request may be repeated that certainly was not looked at.
    private var refusals = ExchangeMachine.refusalLimit
    private var isUpstreamReused = false
    private var hasConsumedBody = false
    private var hasResponseBegun = false

    init(isIdempotent: Bool, servers: Int, retries: Int) {
        self.isIdempotent = isIdempotent
        self.untriedServers = servers - 1
        self.retries = retries
    }

    /// Takes the next event and says what follows from it.
    mutating func handle(_ event: Event) -> Action {
        switch event {
        case .upstreamReady(let reused):
            isUpstreamReused = reused
            hasResponseBegun = false
            state = .awaitingResponse
            return .send
        case .connectFailed(let timedOut):
            return connectFailed(
                ProxyError(timedOut ? .upstreamConnectTimeout : .upstreamUnavailable))
        case .handshakeFailed:
            return connectFailed(ProxyError(.upstreamHandshake))
        case .requestBytesConsumed:
            hasConsumedBody = true
            return .proceed
        case .requestCompleted:
            isRequestComplete = true
            return .proceed
        case .responseBegan:
            hasResponseBegun = true
            return .proceed
        case .responseHead:
            state = .streaming
            return .relayHead
        case .switchedProtocols:
            state = .tunnelling
            return .openTunnel
        case .responseCompleted:
            state = .finished
            return .finish
        case .upstreamFailed(let error):
            return upstreamFailed(error)
        case .upstreamRefused:
            return upstreamRefused()
        case .downstreamFailed(let error):
            return downstreamFailed(error)
        }
    }

    /// RFC 9113 §8.7: any method may be sent again, as long as all of the request is still here.
    private mutating func upstreamRefused() -> Action {
        guard state == .awaitingResponse, !hasConsumedBody, !hasResponseBegun, refusals > 0 else {
            return upstreamFailed(ProxyError(.upstreamRefused))
        }
        refusals -= 1
        state = .awaitingUpstream
        return .connect(fresh: true)
    }

    /// A request that was not sent is tried on every other server once.
    private mutating func connectFailed(_ error: ProxyError) -> Action {
        if untriedServers > 0 {
            untriedServers -= 1
            return .connect(fresh: false)
        }
        state = .finished
        return .answer(error)
    }

    /// RFC 9110 §9.2.2: only an idempotent request, and only when a connection that had been used
    /// before died under it, so that the death says nothing about the request.
    private mutating func upstreamFailed(_ error: ProxyError) -> Action {
        switch state {
        case .awaitingUpstream, .awaitingResponse:
            let isSafeToRepeat =
                isIdempotent && isUpstreamReused && !hasConsumedBody && !hasResponseBegun
                && error.kind == .upstreamClosed
            if isSafeToRepeat && retries > 0 {
                retries -= 1
                state = .awaitingUpstream
                return .connect(fresh: true)
            }
            state = .finished
            return .answer(error)
        case .streaming, .tunnelling:
            state = .finished
            return .truncate(error)
        case .finished:
            return .proceed
        }
    }

    private mutating func downstreamFailed(_ error: ProxyError) -> Action {
        switch state {
        case .awaitingUpstream, .awaitingResponse:
            state = .finished
            return error.reachesClient ? .answer(error) : .truncate(error)
        case .streaming, .tunnelling:
            state = .finished
            return .truncate(error)
        case .finished:
            return .proceed
        }
    }

    /// How often a request is sent again that servers refuse.
    static let refusalLimit = 3
}
