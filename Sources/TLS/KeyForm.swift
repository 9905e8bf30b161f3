/// What a private key signs with, as far as negotiation goes.
public enum KeyForm: Sendable, Hashable {
    /// An RSA key for signatures of every kind.
    case rsa
    /// An RSA key for PSS signatures alone (RFC 4055 §1.2).
    case rsaPSS
    /// A key on the curve that OpenSSL calls so.
    case ecdsa(curve: String)
    /// An Edwards curve (RFC 8032).
    case ed25519
    /// The larger Edwards curve.
    case ed448
    /// A key of a later day.
    case other

    /// True exactly when it is on a curve for ECDSA.
    var isECDSA: Bool {
        if case .ecdsa = self { true } else { false }
    }
}
