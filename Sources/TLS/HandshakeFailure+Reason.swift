internal import COpenSSL

extension HandshakeFailure {
    /// Maps OpenSSL's reason to ours; the one place that knows both.
    init(_ entry: ErrorQueue.Entry?) {
        guard let entry, !HandshakeFailure.ours.contains(entry.reason) else {
            self = .internalError
            return
        }
        guard entry.library == ERR_LIB_SSL else {
            self = entry.library == ERR_LIB_SYS ? .internalError : .malformedMessage
            return
        }
        if let alert = UInt8(exactly: entry.reason - SSL_AD_REASON_OFFSET) {
            self.init(alert: alert)
            return
        }
        self = HandshakeFailure.named[entry.reason] ?? .malformedMessage
    }

    /// What an alert of the client's means (RFC 8446 §6).
    init(alert: UInt8) {
        switch Int32(alert) {
        case SSL_AD_BAD_CERTIFICATE, SSL_AD_UNSUPPORTED_CERTIFICATE, SSL_AD_CERTIFICATE_REVOKED,
            SSL_AD_CERTIFICATE_EXPIRED, SSL_AD_CERTIFICATE_UNKNOWN, SSL_AD_UNKNOWN_CA,
            SSL_AD_BAD_CERTIFICATE_STATUS_RESPONSE, SSL_AD_CERTIFICATE_UNOBTAINABLE:
            self = .clientRejectedCertificate
        case SSL_AD_PROTOCOL_VERSION: self = .unsupportedVersion
        case SSL_AD_CLOSE_NOTIFY, SSL_AD_USER_CANCELLED: self = .clientClosed
        default: self = .clientAlert
        }
    }

    /// What verification says of a client's certificate.
    init(verification result: Int32) {
        self = HandshakeFailure.verified[result] ?? .clientCertificateInvalid
    }

    private static let verified: [Int32: HandshakeFailure] = [
        X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT: .clientCertificateUntrusted,
        X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY: .clientCertificateUntrusted,
        X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE: .clientCertificateUntrusted,
        X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: .clientCertificateUntrusted,
        X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: .clientCertificateUntrusted,
        X509_V_ERR_CERT_CHAIN_TOO_LONG: .clientCertificateUntrusted,
        X509_V_ERR_CERT_UNTRUSTED: .clientCertificateUntrusted,
        X509_V_ERR_CERT_REJECTED: .clientCertificateUntrusted,
        X509_V_ERR_CERT_HAS_EXPIRED: .clientCertificateExpired,
        X509_V_ERR_CERT_REVOKED: .clientCertificateRevoked,
        X509_V_ERR_UNABLE_TO_GET_CRL: .clientRevocationUnknown,
        X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER: .clientRevocationUnknown,
        X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE: .clientRevocationUnknown,
        X509_V_ERR_CRL_SIGNATURE_FAILURE: .clientRevocationUnknown,
        X509_V_ERR_CRL_HAS_EXPIRED: .clientRevocationUnknown,
        X509_V_ERR_CRL_NOT_YET_VALID: .clientRevocationUnknown,
        X509_V_ERR_CRL_PATH_VALIDATION_ERROR: .clientRevocationUnknown,
        X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD: .clientRevocationUnknown,
        X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD: .clientRevocationUnknown,
        X509_V_ERR_KEYUSAGE_NO_CRL_SIGN: .clientRevocationUnknown,
        X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION: .clientRevocationUnknown,
        X509_V_ERR_DIFFERENT_CRL_SCOPE: .clientRevocationUnknown,
    ]

    private static let named: [Int32: HandshakeFailure] = [
        SSL_R_NO_SHARED_CIPHER: .noSharedCipher,
        SSL_R_NO_CIPHERS_SPECIFIED: .noSharedCipher,
        SSL_R_UNSUPPORTED_PROTOCOL: .unsupportedVersion,
        SSL_R_UNSUPPORTED_SSL_VERSION: .unsupportedVersion,
        SSL_R_UNKNOWN_PROTOCOL: .unsupportedVersion,
        SSL_R_VERSION_TOO_LOW: .unsupportedVersion,
        SSL_R_WRONG_SSL_VERSION: .unsupportedVersion,
        SSL_R_INAPPROPRIATE_FALLBACK: .unsupportedVersion,
        SSL_R_HTTP_REQUEST: .plainHTTP,
        SSL_R_HTTPS_PROXY_REQUEST: .plainHTTP,
        SSL_R_NO_SUITABLE_KEY_SHARE: .noSharedGroup,
        SSL_R_NO_SUITABLE_GROUPS: .noSharedGroup,
        SSL_R_NO_SHARED_GROUPS: .noSharedGroup,
        SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS: .noSharedSignatureAlgorithm,
        SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM: .noSharedSignatureAlgorithm,
        SSL_R_NO_APPLICATION_PROTOCOL: .noApplicationProtocol,
        SSL_R_UNEXPECTED_EOF_WHILE_READING: .clientClosed,
        SSL_R_NO_CERTIFICATE_SET: .internalError,
        SSL_R_CERT_CB_ERROR: .internalError,
        SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: .clientCertificateMissing,
    ]

    /// Reasons of any part of OpenSSL; no peer brings them about.
    private static let ours: Set = [Int32(ERR_R_INTERNAL_ERROR), Int32(ERR_R_MALLOC_FAILURE)]
}
