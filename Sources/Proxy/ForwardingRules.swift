internal import Bytes
public import Config
public import Platform

/// Which fields tell the backend who asked, and whose word on it is believed.
public struct ForwardingRules: Sendable {
    /// True exactly when `X-Forwarded-For`, `-Proto` and `-Host` are sent.
    public let sendsXForwarded: Bool
    /// True exactly when `Forwarded` (RFC 7239) is sent.
    public let sendsForwarded: Bool
    /// True exactly when `Via` (RFC 9110 §7.6.3) is sent.
    public let sendsVia: Bool
    private let trusted: [AddressBlock]

    /// Takes over the rules of the configuration.
    public init(_ config: ForwardingConfig) {
        sendsXForwarded = config.xForwarded
        sendsForwarded = config.forwarded
        sendsVia = config.via
        trusted = config.trusted
    }

    /// True exactly when what `client` says of earlier hops is passed on.
    public func trusts(_ client: SocketAddress) -> Bool {
        guard !trusted.isEmpty else { return false }
        let literal: IPLiteral
        switch client {
        case .ipv4(let address, _): literal = .ipv4(address)
        case .ipv6(let upper, let lower, _): literal = .ipv6(upper, lower)
        case .unix: return false
        }
        return trusted.contains { $0.contains(literal) }
    }
}
