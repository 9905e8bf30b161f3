/// Where a downstream connection stands.
///
/// ```
///              ┌───────────────┐  hello, certificate, keys   ┌───────┐  101   ┌────────┐
///  TLS ──────▶ │  handshaking  │ ──────────────────────────▶ │ http1 │ ─────▶ │ tunnel │
///              └───────┬───────┘          ALPN: h2           └──┬────┘        └───┬────┘
///  plain HTTP ─────────┼─────────────────┬────────────────────▶ │                 │
///                      │ failure         ▼                      │ last answer     │ both ends
///                      │             ┌───────┐                  │                 │
///                      │             │ http2 │                  │                 │
///                      ▼             └───┬───┘                  ▼                 ▼
///                  ┌────────┐            │ GOAWAY            ┌─────────┐          │
///                  │ closed │ ◀──────────┴─────────────────▶ │ closing │ ◀────────┘
///                  └────────┘    flushed, peer done, or late └─────────┘
/// ```
///
/// Where a listener awaits the PROXY protocol, `proxyProtocol` stands before all of that.
enum ConnectionPhase: Sendable {
    /// Awaiting the header in which a proxy names the client.
    case proxyProtocol
    /// Awaiting the rest of the TLS handshake.
    case handshaking
    /// Awaiting or serving HTTP/1.1 requests.
    case http1
    /// Serving the streams of HTTP/2.
    case http2
    /// Passing bytes both ways after `101 Switching Protocols`.
    case tunnel
    /// Nothing more is read as a message: what is queued is flushed, then the peer is given a
    /// moment to close.
    case closing
    /// The socket is to be closed and the slot freed at the end of the tick.
    case closed

    /// True exactly when the diagram has an arrow from this phase to `next`.
    func allows(_ next: ConnectionPhase) -> Bool {
        switch (self, next) {
        case (.proxyProtocol, .handshaking), (.proxyProtocol, .http1): true
        case (.proxyProtocol, .closed): true
        case (.handshaking, .http1), (.handshaking, .http2): true
        case (.handshaking, .closing), (.handshaking, .closed): true
        case (.http2, .closing), (.http2, .closed): true
        case (.http1, .tunnel), (.http1, .closing), (.http1, .closed): true
        case (.tunnel, .closing), (.tunnel, .closed): true
        case (.closing, .closed): true
        default: false
        }
    }
}
