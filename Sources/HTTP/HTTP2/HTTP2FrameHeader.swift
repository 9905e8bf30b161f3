/// The nine bytes before each frame's payload (RFC 9113 §4.1).
struct HTTP2FrameHeader: Equatable {
    var length = 0
    var type: UInt8 = 0
    var flags: UInt8 = 0
    var stream: Int32 = 0

    /// The types that are known (RFC 9113 §6, RFC 9218 §7.1).
    enum Kind: UInt8 {
        case data, headers, priority, resetStream, settings, pushPromise, ping, goAway
        case windowUpdate, continuation
        case priorityUpdate = 16
    }

    /// The type, if it is known.
    var kind: Kind? { Kind(rawValue: type) }

    static let endStream: UInt8 = 0x1
    static let acknowledge: UInt8 = 0x1
    static let endHeaders: UInt8 = 0x4
}

extension HTTP2FrameHeader {
    /// Reads a header from its nine bytes.
    init(_ bytes: Span<UInt8>) {
        length = Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])
        type = bytes[3]
        flags = bytes[4]
        let high = Int32(bytes[5] & 0x7f) << 24 | Int32(bytes[6]) << 16
        stream = high | Int32(bytes[7]) << 8 | Int32(bytes[8])
    }
}
