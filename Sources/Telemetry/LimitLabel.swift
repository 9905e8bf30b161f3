/// A limit that a client can reach: the closed list of what `martlet_limits_total` tells apart.
public enum LimitLabel: UInt8, Sendable, CaseIterable {
    /// A request's head had too many bytes.
    case requestHead
    /// A request had too many fields.
    case requestFields
    /// A request's body had too many bytes.
    case requestBody
    /// A request's head did not come in time.
    case slowHead
    /// A request's body did not come in time.
    case slowBody
    /// An answer was not taken in time.
    case slowReader
    /// A connection has had as many requests as it may have.
    case requestsPerConnection
    /// There were as many connections as may be.
    case connections
    /// An address had as many connections as it may have.
    case connectionsPerAddress
    /// An address connected too often.
    case connectionRate
    /// An address asked for too many handshakes.
    case handshakeRate
    /// An address asked a route too often.
    case requestRate
    /// The process took too much memory.
    case memory
    /// A connection sent too many KeyUpdates.
    case keyUpdates
    /// A connection sent too many records with next to nothing in them.
    case tinyRecords
    /// An HTTP/2 connection opened too many streams.
    case http2Streams
    /// An HTTP/2 request had too large a field section.
    case http2HeaderList
    /// An HTTP/2 connection gave up too many streams.
    case http2Resets
    /// An HTTP/2 connection sent too many SETTINGS.
    case http2Settings
    /// An HTTP/2 connection sent too many PINGs.
    case http2Pings
    /// An HTTP/2 connection sent too many priorities.
    case http2Priorities
    /// An HTTP/2 connection sent too much empty DATA.
    case http2EmptyData
    /// An HTTP/2 request had too many CONTINUATIONs.
    case http2Continuations
    /// An HTTP/2 connection sent too many WINDOW_UPDATEs.
    case http2WindowUpdates
    /// An HTTP/2 connection kept its windows shut.
    case http2WindowStall
    /// Frames of unknown types.
    case http2UnknownFrames
    /// Frames on streams that are over.
    case http2LateFrames

    /// As logs and metrics write it.
    public var label: StaticString {
        switch self {
        case .requestHead: "request_head"
        case .requestFields: "request_fields"
        case .requestBody: "request_body"
        case .slowHead: "slow_head"
        case .slowBody: "slow_body"
        case .slowReader: "slow_reader"
        case .requestsPerConnection: "requests_per_connection"
        case .connections: "connections"
        case .connectionsPerAddress: "connections_per_address"
        case .connectionRate: "connection_rate"
        case .handshakeRate: "handshake_rate"
        case .requestRate: "request_rate"
        case .memory: "memory"
        case .keyUpdates: "key_updates"
        case .tinyRecords: "tiny_records"
        case .http2Streams: "h2_streams"
        case .http2HeaderList: "h2_header_list"
        case .http2Resets: "h2_resets"
        case .http2Settings: "h2_settings"
        case .http2Pings: "h2_pings"
        case .http2Priorities: "h2_priorities"
        case .http2EmptyData: "h2_empty_data"
        case .http2Continuations: "h2_continuations"
        case .http2WindowUpdates: "h2_window_updates"
        case .http2WindowStall: "h2_window_stall"
        case .http2UnknownFrames: "h2_unknown_frames"
        case .http2LateFrames: "h2_late_frames"
        }
    }
}
