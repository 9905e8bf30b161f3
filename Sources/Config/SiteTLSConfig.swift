/// What a site negotiates otherwise than the listeners through which it is reached.
public struct SiteTLSConfig: Sendable, Equatable {
    /// What differs from the listener's offer. A ClientHello names the host before anything is
    /// negotiated, so that all of it may.
    public var override: TLSOverride

    /// Whom the site asks for certificates; nil where it asks nobody.
    public var clientCertificates: ClientCertificateConfig?

    /// Whether requests are taken before the handshake has ended; nil where that is as for all.
    public var earlyData: Bool?

    /// Makes the value; what is left out has its default.
    public init(
        override: TLSOverride = TLSOverride(), clientCertificates: ClientCertificateConfig? = nil,
        earlyData: Bool? = nil
    ) {
        self.override = override
        self.clientCertificates = clientCertificates
        self.earlyData = earlyData
    }
}
