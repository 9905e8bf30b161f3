/// What a header of version 2 says of the client's TLS (value 0x20); texts as they were sent, empty
/// where there is none.
public struct ProxyTLSFacts: Equatable, Sendable {
    /// True exactly when the client connected with TLS.
    public var isTLS: Bool
    /// True exactly when the client showed a certificate on this connection.
    public var hasCertificate: Bool
    /// True exactly when the client showed a certificate once in its TLS session.
    public var hasSessionCertificate: Bool
    /// Zero exactly when the client showed a certificate that was verified.
    public var verification: UInt32
    /// The version: `TLSv1.3`.
    public var version: [UInt8]
    /// The common name of the client's certificate.
    public var commonName: [UInt8]
    /// The cipher suite: `TLS_AES_128_GCM_SHA256`.
    public var cipher: [UInt8]
    /// The algorithm that signed the server's certificate: `SHA256`.
    public var signatureAlgorithm: [UInt8]
    /// The algorithm of the server's key: `RSA2048`.
    public var keyAlgorithm: [UInt8]
    /// Values of types that are not known here, as they came: type, length and bytes of each.
    public var others: [UInt8] = []

    /// Describes the client's TLS.
    public init(
        isTLS: Bool = true, hasCertificate: Bool = false, hasSessionCertificate: Bool = false,
        verification: UInt32 = 1, version: [UInt8] = [], commonName: [UInt8] = [],
        cipher: [UInt8] = [], signatureAlgorithm: [UInt8] = [], keyAlgorithm: [UInt8] = []
    ) {
        self.isTLS = isTLS
        self.hasCertificate = hasCertificate
        self.hasSessionCertificate = hasSessionCertificate
        self.verification = verification
        self.version = version
        self.commonName = commonName
        self.cipher = cipher
        self.signatureAlgorithm = signatureAlgorithm
        self.keyAlgorithm = keyAlgorithm
    }

    /// The first byte of the value (PP2_CLIENT_SSL, PP2_CLIENT_CERT_CONN, PP2_CLIENT_CERT_SESS).
    var flags: UInt8 {
        (isTLS ? 1 : 0) | (hasCertificate ? 2 : 0) | (hasSessionCertificate ? 4 : 0)
    }
}
