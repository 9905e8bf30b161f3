internal import Bytes
internal import HTTP

/// Finds cookies in what a client sends of them (RFC 6265 §4.2).
enum CookieReader {
    /// The field and the part of its value that is the value of the first cookie of this name; nil
    /// where there is none.
    static func find(
        _ name: Span<UInt8>, in fields: borrowing FieldBlock
    ) -> (field: Int, value: Range<Int>)? {
        guard fields.contains(.cookie) else { return nil }
        for index in 0..<fields.count where fields.id(index) == .cookie {
            if let range = find(name, in: fields.value(index)) { return (index, range) }
        }
        return nil
    }

    /// Where the value of the first cookie of this name stands; nil where there is none.
    static func find(_ name: Span<UInt8>, in text: Span<UInt8>) -> Range<Int>? {
        var start = 0
        while start < text.count {
            let end = text.firstIndex(of: UInt8(ascii: ";"), from: start) ?? text.count
            let pair = Forwarding.trimmed(text, start..<end)
            let value = pair.lowerBound + name.count + 1
            if value <= pair.upperBound, text[value - 1] == UInt8(ascii: "="),
                text.extracting(pair.lowerBound..<value - 1).equals(name)
            {
                return value..<pair.upperBound
            }
            start = end + 1
        }
        return nil
    }
}
