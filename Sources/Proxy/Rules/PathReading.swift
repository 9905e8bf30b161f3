internal import Bytes
internal import HTTP

/// How backends may read a path: with what is percent-encoded decoded, runs of slashes as one, and
/// without the parameters that follow a semicolon (RFC 3986 §3.3).
///
/// It is compared with the path as it came, never sent.
enum PathReading {
    /// True exactly when the path can be read in one way only.
    static func isPlain(_ path: Span<UInt8>) -> Bool {
        var isBehindSlash = false
        for index in path.indices {
            switch path[index] {
            case percent, backslash, semicolon: return false
            case slash:
                if isBehindSlash { return false }
                isBehindSlash = true
            default: isBehindSlash = false
            }
        }
        return true
    }

    /// Writes what a path is read as: decoded once, backslashes as slashes.
    static func append(_ path: Span<UInt8>, to queue: inout ByteQueue) {
        var isBehindSlash = false
        var isParameter = false
        var index = 0
        while index < path.count {
            var byte = path[index]
            index += 1
            if byte == percent, index + 1 < path.count, let high = path[index].hexadecimalValue,
                let low = path[index + 1].hexadecimalValue
            {
                byte = high << 4 | low
                index += 2
            }
            if byte == backslash { byte = slash }
            if byte == semicolon { isParameter = true }
            if byte == slash { isParameter = false }
            if isParameter || (byte == slash && isBehindSlash) { continue }
            isBehindSlash = byte == slash
            queue.append(byte)
        }
    }

    private static let semicolon = UInt8(ascii: ";")
    private static let percent = UInt8(ascii: "%")
    private static let slash = UInt8(ascii: "/")
    private static let backslash = UInt8(ascii: "\\")
}
