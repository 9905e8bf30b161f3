/// A frame of HTTP/2: written without any care for the rules, or read as it came (RFC 9113 §4.1).
public struct Frame: Sendable {
    /// The type (RFC 9113 §6).
    public let type: UInt8
    /// The flags.
    public let flags: UInt8
    /// The stream.
    public let stream: UInt32
    /// What follows the nine bytes of the header.
    public let payload: [UInt8]

    /// What a client sends before its first frame (RFC 9113 §3.4).
    public static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// A frame of any kind.
    public static func bytes(
        _ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = [],
        length: Int? = nil
    ) -> [UInt8] {
        let count = length ?? payload.count
        return [UInt8(count >> 16 & 0xff), UInt8(count >> 8 & 0xff), UInt8(count & 0xff)]
            + [type, flags] + number(stream) + payload
    }

    /// Four bytes.
    public static func number(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    /// DATA; `end` ends the stream.
    public static func data(
        _ stream: UInt32, _ payload: String = "", end: Bool = true, padding: UInt8? = nil
    ) -> [UInt8] {
        let bytes = latin(payload)
        guard let padding else {
            return Frame.bytes(0, flags: end ? 1 : 0, stream: stream, bytes)
        }
        let padded = [padding] + bytes + [UInt8](repeating: 0, count: Int(padding))
        return Frame.bytes(0, flags: (end ? 1 : 0) | 8, stream: stream, padded)
    }

    /// HEADERS; `end` ends the stream, `whole` the field section.
    public static func headers(
        _ stream: UInt32, _ fields: [(String, String)], end: Bool = true, whole: Bool = true
    ) -> [UInt8] {
        bytes(1, flags: (end ? 1 : 0) | (whole ? 4 : 0), stream: stream, block(fields))
    }

    /// HEADERS with a block of any bytes.
    public static func headers(_ stream: UInt32, block: [UInt8], flags: UInt8 = 5) -> [UInt8] {
        bytes(1, flags: flags, stream: stream, block)
    }

    /// CONTINUATION.
    public static func continuation(
        _ stream: UInt32, _ block: [UInt8] = [], whole: Bool = true
    ) -> [UInt8] { bytes(9, flags: whole ? 4 : 0, stream: stream, block) }

    /// PRIORITY, with weight 16 on another stream.
    public static func priority(_ stream: UInt32, on other: UInt32 = 0) -> [UInt8] {
        bytes(2, stream: stream, number(other) + [15])
    }

    /// RST_STREAM with CANCEL, or another code.
    public static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> [UInt8] {
        bytes(3, stream: stream, number(code))
    }

    /// SETTINGS.
    public static func settings(_ entries: [(UInt16, UInt32)] = []) -> [UInt8] {
        bytes(4, entries.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 0xff)] + number($0.1) })
    }

    /// The answer to SETTINGS.
    public static let settingsAck = bytes(4, flags: 1)

    /// PING.
    public static func ping(ack: Bool = false) -> [UInt8] {
        bytes(6, flags: ack ? 1 : 0, [1, 2, 3, 4, 5, 6, 7, 8])
    }

    /// WINDOW_UPDATE.
    public static func windowUpdate(_ stream: UInt32, _ count: UInt32) -> [UInt8] {
        bytes(8, stream: stream, number(count))
    }

    /// Literals without indexing, names and values as they are (RFC 7541 §6.2.2).
    public static func block(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { field($0.0, $0.1) }
    }

    /// One literal; `first` 0x40 puts it into the table (RFC 7541 §6.2.1).
    public static func field(_ name: String, _ value: String, first: UInt8 = 0) -> [UInt8] {
        [first] + string(latin(name)) + string(latin(value))
    }

    private static func string(_ bytes: [UInt8]) -> [UInt8] {
        integer(bytes.count, prefix: 0x7f) + bytes
    }

    /// An integer behind a prefix whose other bits are zero (RFC 7541 §5.1).
    public static func integer(_ value: Int, prefix: Int) -> [UInt8] {
        if value < prefix { return [UInt8(value)] }
        var bytes = [UInt8(prefix)]
        var rest = value - prefix
        while rest >= 128 {
            bytes.append(UInt8(rest & 0x7f | 0x80))
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    /// Each character is one byte.
    public static func latin(_ text: String) -> [UInt8] {
        text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }

    /// The number that stands at `offset` in the payload.
    public func number(at offset: Int) -> UInt32 {
        payload.dropFirst(offset).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The status in a field section's first field, which is `:status` as servers write it: from
    /// the static table, or as a literal, with Huffman's code for digits (RFC 7541 §6).
    var status: Int? {
        // A change of the table's size stands in front (RFC 7541 §6.3).
        let payload = self.payload.drop { $0 & 0xe0 == 0x20 }
        guard let first = payload.first else { return nil }
        let indexed = [200, 204, 206, 304, 400, 404, 500]
        if (0x88...0x8e).contains(first) { return indexed[Int(first) - 0x88] }
        guard (0x08...0x0e).contains(first & 0x3f),
            let length = payload.dropFirst().first
        else { return nil }
        let text = payload.dropFirst(2).prefix(Int(length & 0x7f))
        guard length & 0x80 != 0 else { return Int(String(decoding: text, as: UTF8.self)) }
        return Frame.digits(text)
    }

    private static func digits(_ bytes: ArraySlice<UInt8>) -> Int? {
        let bits = bytes.flatMap { byte in (0..<8).map { Int(byte >> (7 - $0) & 1) } }
        var (position, value, count) = (0, 0, 0)
        while count < 3 {
            guard position + 5 <= bits.count else { return nil }
            let short = bits[position..<(position + 5)].reduce(0) { $0 * 2 + $1 }
            if short <= 2 {
                value = value * 10 + short
                position += 5
            } else {
                guard position + 6 <= bits.count else { return nil }
                let long = bits[position..<(position + 6)].reduce(0) { $0 * 2 + $1 }
                guard (0x19...0x1f).contains(long) else { return nil }
                value = value * 10 + long - 0x16
                position += 6
            }
            count += 1
        }
        return value
    }
}
