internal import HTTP
internal import Platform

extension SocketAddress {
    /// What a header of the PROXY protocol names.
    init(_ endpoint: ProxyEndpoint) {
        switch endpoint {
        case .ipv4(let bits, let port): self = .ipv4(bits, port: port)
        case .ipv6(let upper, let lower, let port):
            self = SocketAddress.ipv6(upper, lower, port: port).unmapped
        }
    }

    /// The IPv4 address where it stands in an IPv6 address (RFC 4291 §2.5.5.2), so that a client is
    /// the same whichever way it comes.
    var unmapped: SocketAddress {
        guard case .ipv6(0, let lower, let port) = self, lower >> 32 == 0xffff else { return self }
        return .ipv4(UInt32(truncatingIfNeeded: lower), port: port)
    }

    /// As a header of the PROXY protocol names it; nil for a path.
    var endpoint: ProxyEndpoint? {
        switch unmapped {
        case .ipv4(let bits, let port): .ipv4(bits, port: port)
        case .ipv6(let upper, let lower, let port): .ipv6(upper, lower, port: port)
        case .unix: nil
        }
    }
}
