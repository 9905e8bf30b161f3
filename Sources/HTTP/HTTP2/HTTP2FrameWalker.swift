internal import Bytes

/// Finds where frames begin, however the input is cut.
struct HTTP2FrameWalker {
    private var prefaceLeft: Int
    private var payloadLeft = 0
    private var header = HTTP2FrameHeader()
    private var headerCount = 0
    private var isInSection = false

    /// Begins a connection; a client says its preface first (RFC 9113 §3.4).
    init(role: HTTP2Role) { prefaceLeft = role == .server ? 24 : 0 }

    /// Goes on from `position` to the end of the next frame header; nil where the input ends
    /// before.
    mutating func next(_ bytes: Span<UInt8>, _ position: inout Int) -> HTTP2FrameHeader? {
        skip(&prefaceLeft, bytes, &position)
        skip(&payloadLeft, bytes, &position)
        if headerCount == 0, bytes.count - position >= 9 {
            header = HTTP2FrameHeader(bytes.extracting(position..<(position + 9)))
            position += 9
            headerCount = 9
        }
        while headerCount < 9, position < bytes.count {
            take(bytes[position])
            position += 1
        }
        guard headerCount == 9 else { return nil }
        let found = header
        payloadLeft = found.length
        isInSection = found.kind == .headers || found.kind == .continuation
        header = HTTP2FrameHeader()
        headerCount = 0
        return found
    }

    /// True exactly while some of a field section's frame is missing.
    var awaitsSection: Bool { isInSection && payloadLeft > 0 }

    private func skip(_ left: inout Int, _ bytes: Span<UInt8>, _ position: inout Int) {
        let count = min(left, bytes.count - position)
        left -= count
        position += count
    }

    private mutating func take(_ byte: UInt8) {
        switch headerCount {
        case 0...2: header.length = header.length << 8 | Int(byte)
        case 3: header.type = byte
        case 4: header.flags = byte
        case 5: header.stream = Int32(byte & 0x7f)
        default: header.stream = header.stream << 8 | Int32(byte)
        }
        headerCount += 1
    }
}
