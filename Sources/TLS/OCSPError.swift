/// Why an OCSP response, or the way to one, is of no use.
public enum OCSPError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes are no OCSP response.
    case unreadable
    /// The responder says that it cannot answer; its word for it (RFC 6960 §2.3).
    case unsuccessful(String)
    /// The signature is not by the issuer, nor by whom it authorised; OpenSSL's reason.
    case unverified(String)
    /// It speaks of another certificate.
    case otherCertificate
    /// It does not say until when it may be used (RFC 5019 §2.2.4 asks for that).
    case endless
    /// Its time has not come or has passed; OpenSSL's reason.
    case outOfTime(String)
    /// It is not newer than the response by which the certificate is revoked.
    case outdated
    /// The responder does not know the certificate.
    case unknown
    /// The chain lacks the certificate of the issuer, without which no question can be put.
    case noIssuer
    /// No answer came; OpenSSL's reason.
    case unreachable(String)

    /// What is wrong, in one line.
    public var description: String {
        switch self {
        case .unreadable: "it is no OCSP response in DER"
        case .unsuccessful(let word): "the responder says '\(word)'"
        case .unverified(let reason):
            "it is not signed by the issuer or by whom the issuer authorised: \(reason)"
        case .otherCertificate: "it speaks of another certificate"
        case .endless: "it does not say until when it is valid"
        case .outOfTime(let reason): "it is not valid now: \(reason)"
        case .outdated: "it is not newer than what says that the certificate is revoked"
        case .unknown: "the responder does not know the certificate"
        case .noIssuer: "the chain lacks the certificate of its issuer"
        case .unreachable(let reason): "the responder gave no answer: \(reason)"
        }
    }
}
