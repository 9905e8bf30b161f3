/// Why a stream or a connection ends (RFC 9113 §7).
public enum HTTP2ErrorCode: UInt32, Sendable, CaseIterable {
    /// NO_ERROR
    case noError
    /// PROTOCOL_ERROR
    case protocolError
    /// INTERNAL_ERROR
    case internalError
    /// FLOW_CONTROL_ERROR
    case flowControlError
    /// SETTINGS_TIMEOUT
    case settingsTimeout
    /// STREAM_CLOSED
    case streamClosed
    /// FRAME_SIZE_ERROR
    case frameSizeError
    /// REFUSED_STREAM
    case refusedStream
    /// CANCEL
    case cancel
    /// COMPRESSION_ERROR
    case compressionError
    /// CONNECT_ERROR
    case connectError
    /// ENHANCE_YOUR_CALM
    case enhanceYourCalm
    /// INADEQUATE_SECURITY
    case inadequateSecurity
    /// HTTP_1_1_REQUIRED
    case http11Required

    /// Codes that nobody knows are read as INTERNAL_ERROR (RFC 9113 §7).
    init(received code: UInt32) { self = HTTP2ErrorCode(rawValue: code) ?? .internalError }

    /// The stable name in logs and metrics.
    public var label: StaticString {
        switch self {
        case .noError: "no_error"
        case .protocolError: "protocol_error"
        case .internalError: "internal_error"
        case .flowControlError: "flow_control_error"
        case .settingsTimeout: "settings_timeout"
        case .streamClosed: "stream_closed"
        case .frameSizeError: "frame_size_error"
        case .refusedStream: "refused_stream"
        case .cancel: "cancel"
        case .compressionError: "compression_error"
        case .connectError: "connect_error"
        case .enhanceYourCalm: "enhance_your_calm"
        case .inadequateSecurity: "inadequate_security"
        case .http11Required: "http_1_1_required"
        }
    }
}
