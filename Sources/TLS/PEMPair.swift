/// A certificate, or chain, and its private key in PEM (RFC 7468).
public struct PEMPair: Sendable, Equatable {
    /// The certificates, the leaf first.
    public let certificate: [UInt8]
    /// The private key, PKCS #8; never to be logged.
    public let key: [UInt8]

    /// Puts a pair together.
    public init(certificate: [UInt8], key: [UInt8]) {
        self.certificate = certificate
        self.key = key
    }
}
