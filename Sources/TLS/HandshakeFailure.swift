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
    /// OpenSSL or Martlet failed.
    case internalError = "internal_error"
}
