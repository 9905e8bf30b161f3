/// The query of a request to the control plane: names and values, decoded.
struct ControlQuery {
    private var values: [String: String] = [:]

    /// Reads `a=b&c=d`; of two equal names the first counts. Nil where an escape is broken.
    init?(_ text: String) {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = ControlQuery.decoded(parts[0]),
                let value = ControlQuery.decoded(parts.count == 2 ? parts[1] : "")
            else { return nil }
            if values[name] == nil { values[name] = value }
        }
    }

    /// The value of a name; nil where it is missing.
    subscript(name: String) -> String? { values[name] }

    /// A value as it stands in a query: all but letters, digits and what ends nothing is escaped.
    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || "-._~:/".utf8.contains(byte)
            if isPlain { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16) else { return nil }
            rest = rest.dropFirst(2)
            bytes.append(value)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
