/// The forms of the PROXY protocol's header.
public enum ProxyVersion: Sendable, Equatable, Hashable {
    /// One line of text: addresses and ports.
    case v1
    /// Binary: addresses, ports and what is known of TLS.
    case v2
    /// The same, which names the signature and the key of the server's certificate as well.
    case v2Certificate
}
