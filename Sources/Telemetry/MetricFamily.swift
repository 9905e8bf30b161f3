/// The families that workers count: name, help, type and labels, each in one place.
///
/// The raw value is part of the key of each series.
enum MetricFamily: UInt8, CaseIterable, Sendable {
    case connections = 1
    case connectionsActive
    case handshakes
    case handshakeFailures
    case handshakeDuration
    case requests
    case requestDuration
    case bytes
    case upstreamRequests
    case upstreamFailures
    case upstreamRetries
    case upstreamLimits
    case upstreamQueue
    case upstreamActive
    case upstreamIdle
    case connectionsRefused
    case staleEvents
    case suites
    case groups
    case upstreamUp
    case limits
    case earlyData
    case http2Errors
    case tcpBytes
    case tcpConnections

    /// What Prometheus calls the type.
    enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    var kind: Kind {
        switch self {
        case .connectionsActive, .upstreamActive, .upstreamIdle, .upstreamUp, .upstreamQueue: .gauge
        case .handshakeDuration, .requestDuration: .histogram
        default: .counter
        }
    }

    /// The name; counters end with `_total` in both formats.
    var name: String {
        switch self {
        case .connections: "martlet_connections_total"
        case .connectionsActive: "martlet_connections_active"
        case .handshakes: "martlet_tls_handshakes_total"
        case .handshakeFailures: "martlet_tls_handshake_failures_total"
        case .handshakeDuration: "martlet_tls_handshake_duration_seconds"
        case .requests: "martlet_http_requests_total"
        case .requestDuration: "martlet_http_request_duration_seconds"
        case .bytes: "martlet_http_bytes_total"
        case .upstreamRequests: "martlet_upstream_requests_total"
        case .upstreamFailures: "martlet_upstream_failures_total"
        case .upstreamRetries: "martlet_upstream_retries_total"
        case .upstreamLimits: "martlet_upstream_limits_total"
        case .upstreamQueue: "martlet_upstream_queue"
        case .upstreamActive: "martlet_upstream_connections_active"
        case .upstreamIdle: "martlet_upstream_connections_idle"
        case .connectionsRefused: "martlet_connections_refused_total"
        case .staleEvents: "martlet_stale_events_total"
        case .suites: "martlet_tls_cipher_suites_total"
        case .groups: "martlet_tls_groups_total"
        case .upstreamUp: "martlet_upstream_up"
        case .limits: "martlet_limits_total"
        case .earlyData: "martlet_tls_early_data_total"
        case .http2Errors: "martlet_http2_connection_errors_total"
        case .tcpBytes: "martlet_tcp_bytes_total"
        case .tcpConnections: "martlet_tcp_connections_total"
        }
    }

    var help: String {
        switch self {
        case .connections: "Connections accepted."
        case .connectionsActive: "Connections open now."
        case .handshakes: "TLS handshakes completed, by version and kind of resumption."
        case .handshakeFailures: "TLS handshakes that failed, by reason."
        case .handshakeDuration: "Time from accept to the end of the TLS handshake."
        case .requests: "Requests answered, by site, protocol, method and status."
        case .requestDuration: "Time from the end of a request's head to the end of its answer."
        case .bytes: "Bytes of bodies, in from clients and out to them."
        case .upstreamRequests: "Requests given to a server, further attempts included."
        case .upstreamFailures: "Attempts that failed through a server, by reason."
        case .upstreamRetries: "Further attempts, by why the one before at this server failed."
        case .upstreamLimits: "How often a request met a limit of its backend, by limit."
        case .upstreamQueue: "Requests that wait now: every server is full, or none is there."
        case .upstreamActive: "Connections to a server that serve a request now."
        case .upstreamIdle: "Connections to a server that wait to be used again."
        case .connectionsRefused: "Connections not accepted, by reason."
        case .staleEvents: "Events for connections that were closed already."
        case .suites: "TLS handshakes completed, by cipher suite."
        case .groups: "TLS handshakes completed with a key exchange, by its group."
        case .limits: "How often a limit was reached, by limit."
        case .upstreamUp:
            "0 while a server is down by its checks (without any: refuses connections) or ejected."
        case .earlyData: "Offers of early data, by what became of them."
        case .http2Errors: "HTTP/2 connections ended for a client's fault, by error code."
        case .tcpBytes: "Bytes passed on at TCP sites, in from clients and out to them."
        case .tcpConnections: "Connections of TCP sites that have ended, by how they did."
        }
    }

    /// The upper bounds of a histogram's buckets in nanoseconds.
    static let handshakeBounds: [Int64] = [
        500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000,
        250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 10_000_000_000,
    ]
    static let requestBounds: [Int64] = [
        1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000,
        250_000_000,
        500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000, 10_000_000_000, 60_000_000_000,
    ]

    /// How many cells one series takes.
    var cells: Int {
        switch self {
        case .handshakeDuration: Self.handshakeBounds.count + 2
        case .requestDuration: Self.requestBounds.count + 2
        default: 1
        }
    }
}

/// The identity of a series: the family, and up to four small label values.
///
/// ```
/// | family 8 | a 24 | b 8 | c 8 | d 16 |
/// ```
struct SeriesKey: Hashable, Sendable {
    let packed: UInt64

    init(_ family: MetricFamily, a: UInt32 = 0, b: UInt8 = 0, c: UInt8 = 0, d: UInt16 = 0) {
        packed =
            UInt64(family.rawValue) << 56 | UInt64(a & 0xff_ffff) << 32 | UInt64(b) << 24 | UInt64(
                c) << 16
            | UInt64(d)
    }

    var family: MetricFamily? { MetricFamily(rawValue: UInt8(packed >> 56)) }
    var a: Int { Int(packed >> 32 & 0xff_ffff) }
    var b: Int { Int(packed >> 24 & 0xff) }
    var c: Int { Int(packed >> 16 & 0xff) }
    var d: Int { Int(packed & 0xffff) }
}
