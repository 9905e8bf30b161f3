/// Which header of the PROXY protocol a backend's servers await.
public enum ProxyHeaderConfig: String, Sendable, CaseIterable {
    /// None.
    case off
    /// A line of text.
    case v1
    /// Binary, with what is known of the client's TLS.
    case v2
    /// The same, with the signature and the key of the certificate that the client was shown.
    case v2Certificate = "v2_certificate"
}
