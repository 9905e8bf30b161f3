/// The spelling of addresses: `127.0.0.1:80`, `[::1]:80`, `name:80`, `unix:/path`.
enum AddressText {
    /// The kernel's limit, less the byte that ends the path.
    private static let maximumSocketPathBytes = 107

    /// Reads where the proxy itself listens, which is never a name; port 0 lets the kernel choose.
    ///
    /// - Throws: what is missing or cannot be listened on.
    static func listening(
        _ text: String, _ context: DecodingContext
    ) throws(Refusal) -> AddressConfig {
        if text.hasPrefix(":"), !text.hasPrefix("::") {
            let (any4, any6) = (quoted("0.0.0.0\(text)"), quoted("[::]\(text)"))
            throw Refusal("\(quoted(text)) names no address; write \(any4) or \(any6) for all")
        }
        let address = try parse(text, defaultPort: nil, context)
        if case .name = address {
            throw Refusal(
                "\(quoted(text)) is a name; listeners need an IP address such as 127.0.0.1")
        }
        return address
    }

    /// Reads where a server listens.
    ///
    /// - Throws: what is missing or cannot be connected to.
    static func connecting(
        _ text: String, defaultPort: UInt16? = nil, _ context: DecodingContext
    ) throws(Refusal) -> AddressConfig {
        let address = try parse(text, defaultPort: defaultPort, context)
        guard address.port != 0 else { throw Refusal("\(quoted(text)): there is no port 0") }
        return address
    }

    private static func parse(
        _ text: String, defaultPort: UInt16?, _ context: DecodingContext
    ) throws(Refusal) -> AddressConfig {
        if text.hasPrefix("unix:") { return try socket(text, context) }
        guard !text.contains("/") else {
            throw Refusal("\(quoted(text)) is not an address; write HOST:PORT or unix:/PATH")
        }
        guard IPLiteral(text)?.bitWidth != 128 else {
            throw Refusal("\(quoted(text)) has no port; write \(quoted("[\(text)]:PORT"))")
        }
        let colon = text.lastIndex(of: ":")
        guard let colon, !text.hasSuffix("]") else {
            guard let defaultPort else {
                throw Refusal("\(quoted(text)) has no port; write \(quoted("\(text):PORT"))")
            }
            return try address(of: text[...], port: defaultPort)
        }
        let digits = text[text.index(after: colon)...]
        guard let port = UInt16(digits), digits.allSatisfy(\.isNumber) else {
            throw Refusal("\(quoted(text)): \(quoted(String(digits))) is not a port")
        }
        return try address(of: text[..<colon], port: port)
    }

    private static func address(
        of host: Substring, port: UInt16
    ) throws(Refusal) -> AddressConfig {
        if host.hasPrefix("["), host.hasSuffix("]") {
            guard case .ipv6(let upper, let lower) = IPLiteral(host.dropFirst().dropLast()) else {
                throw Refusal("\(quoted(String(host))) is not an IPv6 address")
            }
            return .ip(host: IPLiteral.ipv6(upper, lower).description, port: port)
        }
        if let literal = IPLiteral(host) {
            guard literal.bitWidth == 32 else {
                throw Refusal("IPv6 addresses need brackets; write '[\(literal)]:\(port)'")
            }
            return .ip(host: literal.description, port: port)
        }
        guard !host.isEmpty else { throw Refusal("there is no host in front of the port") }
        // No name consists of numbers only: such a text is an IPv4 address with a mistake in it.
        guard !host.utf8.allSatisfy({ $0 < UInt8(ascii: ":") }) else {
            throw Refusal("\(quoted(String(host))) is not an IPv4 address")
        }
        return .name(host: try HostText.name(String(host)), port: port)
    }

    private static func socket(
        _ text: String, _ context: DecodingContext
    ) throws(Refusal) -> AddressConfig {
        let path = String(text.dropFirst("unix:".count))
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw Refusal("\(quoted(text)) names no path; write 'unix:/PATH'")
        }
        let resolved = context.resolved(path)
        guard resolved.utf8.count <= maximumSocketPathBytes else {
            throw Refusal(
                "the path of a socket has at most \(maximumSocketPathBytes) bytes,"
                    + " this one has \(resolved.utf8.count)")
        }
        return .unix(resolved)
    }
}
