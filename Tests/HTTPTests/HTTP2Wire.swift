@testable import HTTP

/// Frames as they stand on the wire, written without any care for the rules.
enum Wire {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    static func frame(
        _ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = [],
        length: Int? = nil
    ) -> [UInt8] {
        let count = length ?? payload.count
        return [UInt8(count >> 16 & 0xff), UInt8(count >> 8 & 0xff), UInt8(count & 0xff)]
            + [type, flags] + number(stream) + payload
    }

    static func number(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    static func data(
        _ stream: UInt32, _ payload: [UInt8] = [], end: Bool = false, padding: UInt8? = nil
    ) -> [UInt8] {
        let flags: UInt8 = (end ? 1 : 0) | (padding == nil ? 0 : 8)
        let whole =
            padding.map { [$0] + payload + [UInt8](repeating: 0, count: Int($0)) } ?? payload
        return frame(0, flags: flags, stream: stream, whole)
    }

    static func headers(
        _ stream: UInt32, _ fields: [(String, String)] = get, end: Bool = true, whole: Bool = true
    ) -> [UInt8] {
        frame(1, flags: (end ? 1 : 0) | (whole ? 4 : 0), stream: stream, block(fields))
    }

    static func headers(_ stream: UInt32, raw: [UInt8], flags: UInt8 = 5) -> [UInt8] {
        frame(1, flags: flags, stream: stream, raw)
    }

    static func continuation(_ stream: UInt32, _ block: [UInt8], whole: Bool = true) -> [UInt8] {
        frame(9, flags: whole ? 4 : 0, stream: stream, block)
    }

    static func priority(_ stream: UInt32, on other: UInt32 = 0) -> [UInt8] {
        frame(2, stream: stream, number(other) + [15])
    }

    static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> [UInt8] {
        frame(3, stream: stream, number(code))
    }

    static func settings(_ entries: [(UInt16, UInt32)] = []) -> [UInt8] {
        frame(
            4, entries.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 0xff)] + number($0.1) })
    }

    static let settingsAck = frame(4, flags: 1)

    static func ping(_ payload: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8], ack: Bool = false) -> [UInt8] {
        frame(6, flags: ack ? 1 : 0, payload)
    }

    static func goAway(_ last: UInt32 = 0, _ code: UInt32 = 0, stream: UInt32 = 0) -> [UInt8] {
        frame(7, stream: stream, number(last) + number(code))
    }

    static func windowUpdate(_ stream: UInt32, _ count: UInt32) -> [UInt8] {
        frame(8, stream: stream, number(count))
    }

    static func priorityUpdate(_ stream: UInt32, _ value: String, on: UInt32 = 0) -> [UInt8] {
        frame(16, stream: on, number(stream) + Array(value.utf8))
    }

    static let get = [
        (":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "a"),
    ]

    static let post = [
        (":method", "POST"), (":scheme", "https"), (":path", "/"), (":authority", "a"),
    ]

    /// Literals without indexing, names and values as they are (RFC 7541 §6.2.2).
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { field($0.0, $0.1) }
    }

    static func field(_ name: String, _ value: String) -> [UInt8] {
        field(Array(name.utf8), Array(value.utf8))
    }

    static func field(_ name: [UInt8], _ value: [UInt8], first: UInt8 = 0) -> [UInt8] {
        [first] + integer(name.count, 0x7f) + name + integer(value.count, 0x7f) + value
    }

    /// An integer behind a prefix whose other bits are zero (RFC 7541 §5.1).
    static func integer(_ value: Int, _ prefix: Int) -> [UInt8] {
        if value < prefix { return [UInt8(value)] }
        var bytes = [UInt8(prefix)]
        var rest = value - prefix
        while rest >= 128 {
            bytes.append(UInt8(rest & 0x7f | 0x80))
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}

/// A frame that was read from what a session wrote.
struct WireFrame: Equatable, CustomStringConvertible {
    var type: UInt8
    var flags: UInt8
    var stream: UInt32
    var payload: [UInt8]

    /// The number that stands at `offset` in the payload.
    func number(at offset: Int) -> UInt32 {
        payload.dropFirst(offset).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    var description: String {
        switch type {
        case 3: "RST_STREAM \(stream) \(code(at: 0))"
        case 7: "GOAWAY \(number(at: 0)) \(code(at: 4))"
        case 8: "WINDOW_UPDATE \(stream) \(number(at: 0))"
        case 0: "DATA \(stream) \(payload.count)\(flags & 1 == 1 ? " end" : "")"
        case 1: "HEADERS \(stream)\(flags & 1 == 1 ? " end" : "")"
        default: "\(type)/\(flags) \(stream) \(payload)"
        }
    }

    private func code(at offset: Int) -> String {
        HTTP2ErrorCode(rawValue: number(at: offset)).map { "\($0.label)" } ?? "unknown"
    }

    /// All frames in `bytes`, which hold whole frames.
    static func read(_ bytes: [UInt8]) -> [WireFrame] {
        var frames: [WireFrame] = []
        var rest = bytes[...]
        while rest.count >= 9 {
            let head = Array(rest.prefix(9))
            let count = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            let stream = head[5...8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            rest = rest.dropFirst(9)
            frames.append(
                WireFrame(
                    type: head[3], flags: head[4], stream: stream,
                    payload: Array(rest.prefix(count))))
            rest = rest.dropFirst(count)
        }
        return frames
    }
}
