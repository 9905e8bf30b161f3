public import Config
internal import Platform

/// The proxies whose word on who the client is is believed.
public struct ProxyTrust: Sendable {
    private let blocks: [AddressBlock]

    /// Believes whoever connects from these addresses.
    public init(_ blocks: [AddressBlock]) { self.blocks = blocks }

    /// True exactly when `peer` is believed. Who may come by a socket file says its permissions.
    func trusts(_ peer: SocketAddress) -> Bool {
        switch peer.unmapped {
        case .ipv4(let bits, _): blocks.contains { $0.contains(.ipv4(bits)) }
        case .ipv6(let upper, let lower, _): blocks.contains { $0.contains(.ipv6(upper, lower)) }
        case .unix: true
        }
    }
}
