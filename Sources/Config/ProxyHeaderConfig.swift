/// Which header of the PROXY protocol a backend's servers await.
public enum ProxyHeaderConfig: String, Sendable, CaseIterable {
    /// None.
    case off
    /// A line of text.
    case v1
    /// Binary, with what is known of the client's TLS.
    case v2
}
