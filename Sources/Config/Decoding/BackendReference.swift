/// What a site says about where requests go.
enum BackendReference: Sendable, Equatable {
    /// An entry of `backends`.
    case name(String)
    /// A server without an entry: the URL as written, less a `/` at its end, its address, and
    /// whether TLS is spoken with it.
    case url(String, AddressConfig, isTLS: Bool)

    /// Reads a name or a URL such as `http://127.0.0.1:9000`, `https://api.example` or
    /// `http://unix:/run/app.sock`.
    ///
    /// - Throws: what such a URL may not have.
    static func parse(
        _ text: String, _ context: DecodingContext
    ) throws(Refusal) -> BackendReference {
        guard text.contains("://") else { return .name(text) }
        let isTLS = text.hasPrefix("https://")
        guard isTLS || text.hasPrefix("http://") else {
            throw Refusal(
                "\(quoted(text)): backends are spoken to by 'http://' and 'https://' only")
        }
        let url = text.hasSuffix("/") ? String(text.dropLast()) : text
        let rest = String(url.dropFirst(isTLS ? "https://".count : "http://".count))
        guard !isTLS || !rest.hasPrefix("unix:") else {
            throw Refusal(
                "\(quoted(text)) has no host name that its certificate could be for; write an entry"
                    + " of 'backends', with 'server_name' in its 'tls'")
        }
        guard !rest.isEmpty else { throw Refusal("\(quoted(text)) names no server") }
        if !rest.hasPrefix("unix:"), rest.contains(where: { "/?#@".contains($0) }) {
            throw Refusal("\(quoted(text)) has more than a host and a port; paths are kept as sent")
        }
        let port: UInt16 = isTLS ? 443 : 80
        return .url(
            url, try AddressText.connecting(rest, defaultPort: port, context), isTLS: isTLS)
    }
}
