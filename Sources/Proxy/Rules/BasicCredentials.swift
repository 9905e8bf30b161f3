internal import Bytes
internal import HTTP

/// The name and password of a request (RFC 7617 §2).
enum BasicCredentials {
    /// Writes `name:password` and returns where the colon stands; nil where the request brings no
    /// such thing, or more than one.
    static func read(
        _ fields: borrowing FieldBlock, into output: inout ByteQueue
    ) -> Int? {
        guard fields.count(of: .authorization) == 1, let index = fields.first(.authorization)
        else { return nil }
        let value = fields.value(index)
        guard value.count > 6, value.count <= longestValue,
            value.extracting(0..<6).equalsIgnoringCase("basic ")
        else { return nil }
        var start = 6
        while start < value.count, value[start] == UInt8(ascii: " ") { start += 1 }
        output.removeAll()
        guard decode(value.extracting(start...), into: &output) else { return nil }
        return output.bytes.firstIndex(of: UInt8(ascii: ":"))
    }

    /// Base64 with its padding (RFC 4648 §4); false where the text is anything else.
    static func decode(_ text: Span<UInt8>, into output: inout ByteQueue) -> Bool {
        guard !text.isEmpty, text.count.isMultiple(of: 4) else { return false }
        var padding = 0
        if text[text.count - 1] == equals { padding = text[text.count - 2] == equals ? 2 : 1 }
        var word: UInt32 = 0
        for index in text.indices {
            let isPadding = index >= text.count - padding
            guard let digit = isPadding ? 0 : digit(text[index]) else { return false }
            word = word << 6 | digit
            guard index % 4 == 3 else { continue }
            let count = index == text.count - 1 ? 3 - padding : 3
            for place in 0..<count {
                output.append(UInt8(truncatingIfNeeded: word >> UInt32(16 - 8 * place)))
            }
            // Bits that stand for nothing would let one password have many spellings.
            if count < 3, word & (count == 1 ? 0xffff : 0xff) != 0 { return false }
            word = 0
        }
        return true
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    private static let equals = UInt8(ascii: "=")
    /// A name of 255 bytes and the longest password that is looked at, in base64, with room.
    private static let longestValue = 2_048
}
