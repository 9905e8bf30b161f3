/// The spelling of host names.
enum HostText {
    private static let maximumNameBytes = 253
    private static let maximumLabelBytes = 63

    /// Reads a host of a site: a name, `*.` and a name, or an IP address (IPv6 in brackets).
    ///
    /// - Throws: what a site cannot be asked for by, and what to write instead.
    static func siteHost(_ text: String) throws(Refusal) -> String {
        if text.hasPrefix("["), text.hasSuffix("]"),
            let literal = IPLiteral(text.dropFirst().dropLast())
        {
            return "[\(literal)]"
        }
        if case .ipv6(let upper, let lower) = IPLiteral(text) {
            let canonical = IPLiteral.ipv6(upper, lower)
            throw Refusal("\(quoted(text)) needs brackets as a host; write '[\(canonical)]'")
        }
        guard text != "*" else {
            throw Refusal(
                "'*' is not a host; hosts of no site go to the first one unless"
                    + " tls.unknown_host is 'reject'")
        }
        let isWildcard = text.hasPrefix("*.")
        let name = isWildcard ? String(text.dropFirst(2)) : text
        guard !name.contains("*") else {
            throw Refusal("\(quoted(text)): '*' may only stand for the whole first label")
        }
        return (isWildcard ? "*." : "") + (try self.name(name))
    }

    /// Reads a name and returns it in lower case and without a dot at its end.
    ///
    /// - Throws: why no DNS name looks like this (RFC 1123 §2.1, and `_`, which is in use).
    static func name(_ text: String) throws(Refusal) -> String {
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw Refusal("\(quoted(text)) is not ASCII; write the name in its 'xn--' form")
        }
        var name = text.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.allSatisfy({ isLabel($0) }), name.utf8.count <= maximumNameBytes else {
            let hint = text.contains("/") || text.contains(":") ? "; leave out scheme and port" : ""
            throw Refusal("\(quoted(text)) is not a host name\(hint)")
        }
        return name
    }

    private static func isLabel(_ label: Substring.UTF8View) -> Bool {
        let hyphen = UInt8(ascii: "-")
        guard (1...maximumLabelBytes).contains(label.count), label.first != hyphen,
            label.last != hyphen
        else { return false }
        return label.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == hyphen
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "_")
        }
    }
}
