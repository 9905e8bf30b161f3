/// Why a handshake failed: a closed list, each the `reason` in metrics and logs.
public enum HandshakeFailure: String, CaseIterable, Sendable {
    /// No cipher suite, or none that fits the certificates, is common to both.
    case noSharedCipher = "no_shared_cipher"
    /// The client speaks no version that is offered.
    case unsupportedVersion = "unsupported_version"
    /// The client asked for a host that no site has, and unknown hosts are rejected.
    case unknownHost = "unknown_host"
    /// The client answered the certificate with an alert.
    case clientRejectedCertificate = "client_rejected_certificate"
    /// The client spoke HTTP without TLS.
    case plainHTTP = "plain_http"
    /// The handshake took longer than it may.
    case timeout = "timeout"
    /// No group for the key exchange is common to both.
    case noSharedGroup = "no_shared_group"
    /// No signature algorithm is common to both.
    case noSharedSignatureAlgorithm = "no_shared_signature_algorithm"
    /// The client offers application protocols, none of which is spoken here (RFC 7301 §3.2).
    case noApplicationProtocol = "no_application_protocol"
    /// The client closed or gave up.
    case clientClosed = "client_closed"
    /// The client sent a fatal alert that is not about the certificate.
    case clientAlert = "client_alert"
    /// What the client sent is not TLS, or breaks its rules.
    case malformedMessage = "malformed_message"
    /// The client has no certificate, and the site requires one.
    case clientCertificateMissing = "client_certificate_missing"
    /// No authority of the site's has vouched for the client's certificate.
    case clientCertificateUntrusted = "client_certificate_untrusted"
    /// The client's certificate, or one above it, has expired.
    case clientCertificateExpired = "client_certificate_expired"
    /// The client's certificate, or one above it, was revoked.
    case clientCertificateRevoked = "client_certificate_revoked"
    /// The revocation list for the client's certificate is missing, too old or not to be believed.
    case clientRevocationUnknown = "client_certificate_crl_unusable"
    /// The client's certificate is none for clients, not valid yet, too weak or malformed.
    case clientCertificateInvalid = "client_certificate_invalid"
    /// OpenSSL or Martlet failed.
    case internalError = "internal_error"
}
