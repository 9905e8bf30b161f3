internal import Bytes

/// A list of application protocols as on the wire: each name behind its length (RFC 7301 §3.1).
enum ProtocolList {
    /// Where in a list `name` stands (with its length), or nil.
    static func find(_ name: Span<UInt8>, in list: Span<UInt8>) -> Int? {
        var start = 0
        while start < list.count {
            let end = start + 1 + Int(list[start])
            guard end <= list.count else { return nil }
            if list.extracting(start..<end).equals(name) { return start }
            start = end
        }
        return nil
    }

    /// The list within an extension, behind its length; empty where it is malformed.
    @_lifetime(copy data)
    static func list(in data: Span<UInt8>) -> Span<UInt8> {
        guard data.count > 2, Int(data[0]) << 8 | Int(data[1]) == data.count - 2 else {
            return data.extracting(0..<0)
        }
        return data.extracting(2..<data.count)
    }
}
