internal import COpenSSL

/// Why a handshake with a server failed: a closed list, each the reason in words.
public enum ServerHandshakeFailure: String, CaseIterable, Sendable {
    /// The server's certificate, or one above it, has expired.
    case certificateExpired = "certificate expired"
    /// The server's certificate is for other hosts.
    case hostNameMismatch = "host name mismatch"
    /// No authority that is trusted has vouched for the server's certificate.
    case unknownAuthority = "unknown authority"
    /// None of the pins is that of the server's key, nor of one above it.
    case pinMismatch = "pin mismatch"
    /// The server's certificate, or one above it, has been revoked.
    case certificateRevoked = "certificate revoked"
    /// A revocation list that is needed is missing, too old or not valid yet.
    case revocationUnknown = "revocation list unusable"
    /// The server's certificate is not valid yet, too weak, malformed or none for servers.
    case certificateInvalid = "certificate invalid"
    /// The server sent a fatal alert: it wants another version, or a certificate.
    case refused = "refused by the server"
    /// The server does not agree to the protocol that it is to speak (RFC 7301 §3.2).
    case protocolNotSpoken = "protocol not spoken"
    /// The server closed before the handshake was over.
    case closed = "closed by the server"
    /// What the server sent is not TLS, or has nothing in common with what is offered.
    case malformed = "no TLS, or nothing in common"

    /// What the verification of a certificate came to.
    init(verification result: Int32) {
        switch result {
        case X509_V_ERR_CERT_HAS_EXPIRED: self = .certificateExpired
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            self = .hostNameMismatch
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
            X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_UNTRUSTED,
            X509_V_ERR_CERT_REJECTED:
            self = .unknownAuthority
        case X509_V_ERR_APPLICATION_VERIFICATION: self = .pinMismatch
        case X509_V_ERR_CERT_REVOKED: self = .certificateRevoked
        case X509_V_ERR_CRL_PATH_VALIDATION_ERROR: self = .revocationUnknown
        default: self = .certificateInvalid
        }
    }
}
