internal import Platform

/// One server of a backend, as it is known at the moment.
struct FoundServer: Equatable {
    /// What logs and metrics call it.
    var name: String
    /// Where to connect to.
    let address: SocketAddress
    /// What was looked up for it, host and port; nil for an address as configured.
    var host: String?
    /// How many requests it gets beside others.
    var weight = 1
    /// True exactly when it is used only where no other server accepts requests.
    var isBackup = false
    /// The same for the addresses of one name; nil for a server that is no name's.
    var kin: Int?

    /// True exactly when nothing was looked up to find it.
    var isAddress: Bool { host.map { SocketAddress($0) != nil } ?? true }

    /// The name that was looked up, else the address, without port; nil for a socket file.
    var hostText: String? {
        if case .unix = address { return nil }
        let text = host ?? "\(address)"
        guard let colon = text.lastIndex(of: ":") else { return text }
        let name = text[..<colon]
        return String(name.hasPrefix("[") ? name.dropFirst().dropLast() : name)
    }
}
