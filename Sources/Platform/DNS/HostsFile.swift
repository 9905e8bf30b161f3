/// The names that this machine knows by itself: `/etc/hosts`.
struct HostsFile {
    private let text: String

    /// Reads the text of such a file.
    init(text: String) { self.text = text }

    /// Reads the file at `path`; one that cannot be read knows no name.
    init(path: String) {
        let bytes = try? Files.read(path, atMost: HostsFile.maximumBytes)
        text = String(decoding: bytes ?? [], as: UTF8.self)
    }

    /// The addresses of a host, with port 0, in the order of the file.
    func addresses(of host: String) -> [SocketAddress] {
        let host = host.lowercased()
        var found: [SocketAddress] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard let first = parts.first,
                parts.dropFirst().contains(where: { $0.lowercased() == host })
            else { continue }
            let literal = first.contains(":") ? "[\(first)]:0" : "\(first):0"
            if let address = SocketAddress(literal), !found.contains(address) {
                found.append(address)
            }
        }
        return found
    }

    private static let maximumBytes = 4 << 20
}
