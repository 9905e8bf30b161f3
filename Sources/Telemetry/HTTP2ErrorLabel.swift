/// The code with which an HTTP/2 connection was ended (RFC 9113 §7).
public struct HTTP2ErrorLabel: Sendable, Equatable {
    /// The code; above the last that is known it is read as that of an internal error.
    public let rawValue: UInt8

    /// Names a code.
    public init(code: UInt32) {
        rawValue = code < UInt32(HTTP2ErrorLabel.names.count) ? UInt8(code) : 2
    }

    /// As metrics write it.
    public var label: String { "\(HTTP2ErrorLabel.names[Int(rawValue)])" }

    /// The codes in their order.
    static let names: [StaticString] = [
        "no_error", "protocol_error", "internal_error", "flow_control_error", "settings_timeout",
        "stream_closed", "frame_size_error", "refused_stream", "cancel", "compression_error",
        "connect_error", "enhance_your_calm", "inadequate_security", "http_1_1_required",
    ]
}
