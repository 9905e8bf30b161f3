/// Where something listens.
public enum AddressConfig: Sendable, Hashable {
    /// An IPv4 or IPv6 address in its canonical spelling without brackets, and a port.
    case ip(host: String, port: UInt16)
    /// A name that has to be resolved, and a port; never where the proxy itself listens.
    case name(host: String, port: UInt16)
    /// The path of a socket.
    case unix(String)

    /// The port, where there is one.
    public var port: UInt16? {
        switch self {
        case .ip(_, let port), .name(_, let port): port
        case .unix: nil
        }
    }
}

extension AddressConfig: CustomStringConvertible {
    /// `1.2.3.4:80`, `[::1]:80`, `name:80` or `unix:/path`.
    public var description: String {
        switch self {
        case .ip(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .name(let host, let port): "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
