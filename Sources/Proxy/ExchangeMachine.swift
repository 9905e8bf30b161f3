internal import Telemetry

/// The life of one exchange as a pure state machine: events in, one action out, no sockets, clock
/// or log.
///
/// ```
///  awaitingUpstream ──ready──▶ awaitingResponse ──head──▶ streaming ──end──▶ finished
///        │  ▲                        │                        │
///        │  └────── retry ───────────┤                        └─ failed: truncated
///        └─ no server: held,         └─ failed: answered
///           then answered
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
        /// A part of the request was handed to the kernel: the server may have seen it.
        case requestSent
        /// A part of the request's body was handed to the server's connection and is not kept: it
        /// cannot be sent again.
        case requestBytesConsumed
        /// The request's body has ended.
        case requestCompleted
        /// Any byte of a response has arrived.
        case responseBegan
        /// The head of the final response has arrived.
        case responseHead
        /// The head of a final response has arrived, and its status counts as a failure.
        case unwelcomeHead
        /// The server agreed to change the protocol.
        case switchedProtocols
        /// The response's body has ended.
        case responseCompleted
        /// The connection to the server failed, or the server broke a rule.
        case upstreamFailed(ProxyError)
        /// The server has certainly not looked at the request (RFC 9113 §8.7).
        case upstreamRefused
        /// There is no server that may be tried, or nothing to try one with.
        case noServer
        /// There may be no further attempt: the budget is spent, there is no other server, or it
        /// was held for long enough.
        case retryDenied
        /// The client went away, broke a rule in its body, or was too slow.
        case downstreamFailed(ProxyError)
        /// An answer of our own was begun: there is no other one.
        case answered
    }

    /// What is to be done about it.
    enum Action: Equatable, Sendable {
        /// Nothing.
        case proceed
        /// Connect to the next server, or take an idle connection if `fresh` is false.
        case connect(fresh: Bool)
        /// Connect to another server, if there may be a further attempt.
        case retry(RetryLabel)
        /// Hold it until a server is back, if it may be.
        case hold
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
    let isIdempotent: Bool
    /// What an attempt may fail by.
    private let causes: RetryCauses
    /// How many servers have not been tried yet, this one not counted.
    private var untriedServers: Int
    /// How often a request may be repeated that may have reached a server.
    private var retries: Int
    /// How often a request may be repeated that certainly was not looked at.
    private var refusals = ExchangeMachine.refusalLimit
    private var isUpstreamReused = false
    private var isSent = false
    /// True exactly when a server has taken a connection for it.
    private var isTaken = false
    private var hasLostBody = false
    private var hasResponseBegun = false
    /// What is done where there may be no further attempt.
    private var fallback = Action.proceed

    init(
        isIdempotent: Bool, servers: Int, retries: Int, causes: RetryCauses = [.connect, .reset]
    ) {
        self.isIdempotent = isIdempotent
        self.untriedServers = servers - 1
        self.retries = retries
        self.causes = causes
    }

    /// True exactly when the request stands on a connection that has served others and has not said
    /// a byte since.
    var isStale: Bool { isUpstreamReused && !hasResponseBegun }

    /// Another attempt is made among other servers, of which none was tried.
    ///
    /// - Parameter servers: how many there are, the one that is tried next included.
    mutating func moved(servers: Int) { untriedServers = max(0, servers - 1) }

    /// Takes the next event and says what follows from it.
    mutating func handle(_ event: Event) -> Action {
        switch event {
        case .upstreamReady(let reused):
            isUpstreamReused = reused
            isTaken = true
            isSent = false
            hasResponseBegun = false
            state = .awaitingResponse
            return .send
        case .connectFailed(let timedOut):
            return connectFailed(
                ProxyError(timedOut ? .upstreamConnectTimeout : .upstreamUnavailable))
        case .handshakeFailed:
            isTaken = true
            return connectFailed(ProxyError(.upstreamHandshake))
        case .requestSent:
            // Without a connection there is nobody who could have seen it.
            if state != .awaitingUpstream { isSent = true }
            return .proceed
        case .requestBytesConsumed:
            hasLostBody = true
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
        case .unwelcomeHead:
            return unwelcomeHead()
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
        case .noServer:
            return hold(or: ProxyError(.upstreamUnavailable))
        case .retryDenied:
            state = fallback == .relayHead ? .streaming : .finished
            return fallback
        case .downstreamFailed(let error):
            return downstreamFailed(error)
        case .answered:
            state = .finished
            return .proceed
        }
    }

    /// RFC 9113 §8.7: any method may be sent again, as long as all of the request is still here.
    private mutating func upstreamRefused() -> Action {
        guard state == .awaitingResponse, !hasLostBody, !hasResponseBegun, refusals > 0 else {
            return upstreamFailed(ProxyError(.upstreamRefused))
        }
        refusals -= 1
        state = .awaitingUpstream
        return .connect(fresh: true)
    }

    /// A request that was not sent is tried on every other server once.
    private mutating func connectFailed(_ error: ProxyError) -> Action {
        if causes.contains(.connect), untriedServers > 0 {
            untriedServers -= 1
            return .connect(fresh: false)
        }
        return hold(or: error)
    }

    /// Whatever the method: nothing was sent. In the end the answer is the one for which it was
    /// held first.
    private mutating func hold(or error: ProxyError) -> Action {
        guard state == .awaitingUpstream, causes.contains(.connect), !isTaken else {
            return downstreamFailed(error)
        }
        if fallback == .proceed { fallback = .answer(error) }
        return .hold
    }

    private mutating func upstreamFailed(_ error: ProxyError) -> Action {
        switch state {
        case .awaitingUpstream, .awaitingResponse:
            if let cause = repeatable(error) { return retry(cause, or: .answer(error)) }
            state = .finished
            return .answer(error)
        case .streaming, .tunnelling:
            state = .finished
            return .truncate(error)
        case .finished:
            return .proceed
        }
    }

    /// RFC 9110 §9.2.2: only an idempotent request is sent again that a server may have seen, and
    /// only as long as no byte of a response has come and all that was sent is still here.
    private func repeatable(_ error: ProxyError) -> RetryLabel? {
        guard !hasLostBody, !hasResponseBegun else { return nil }
        switch error.kind {
        case .upstreamClosed where causes.contains(.reset) && (isIdempotent || !isSent):
            return isUpstreamReused ? .stale : .reset
        case .upstreamReset where causes.contains(.reset) && isIdempotent:
            return .reset
        case .upstreamFirstByteTimeout where causes.contains(.firstByteTimeout) && isIdempotent:
            return .firstByteTimeout
        default: return nil
        }
    }

    /// Only an idempotent request: whoever answers, if only to complain, has seen it.
    private mutating func unwelcomeHead() -> Action {
        if isIdempotent, !hasLostBody { return retry(.status, or: .relayHead) }
        state = .streaming
        return .relayHead
    }

    private mutating func retry(_ cause: RetryLabel, or fallback: Action) -> Action {
        self.fallback = fallback
        guard retries > 0 else { return handle(.retryDenied) }
        retries -= 1
        state = .awaitingUpstream
        return .retry(cause)
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
