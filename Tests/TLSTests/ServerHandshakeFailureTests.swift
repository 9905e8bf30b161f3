internal import COpenSSL
import Testing

@testable import TLS

struct ServerHandshakeFailureTests {
    @Test(
        "A verdict has its reason",
        arguments: [
            (X509_V_ERR_CERT_HAS_EXPIRED, .certificateExpired),
            (X509_V_ERR_HOSTNAME_MISMATCH, .hostNameMismatch),
            (X509_V_ERR_IP_ADDRESS_MISMATCH, .hostNameMismatch),
            (X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, .unknownAuthority),
            (X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, .unknownAuthority),
            (X509_V_ERR_APPLICATION_VERIFICATION, .pinMismatch),
            (X509_V_ERR_CERT_REVOKED, .certificateRevoked),
            (X509_V_ERR_CRL_PATH_VALIDATION_ERROR, .revocationUnknown),
            (X509_V_ERR_CERT_NOT_YET_VALID, .certificateInvalid),
            (X509_V_ERR_INVALID_PURPOSE, .certificateInvalid),
        ] as [(Int32, ServerHandshakeFailure)])
    func verdicts(_ result: Int32, _ failure: ServerHandshakeFailure) {
        #expect(ServerHandshakeFailure(verification: result) == failure)
    }

    @Test("The words are stable")
    func words() {
        #expect(
            ServerHandshakeFailure.allCases.map(\.rawValue) == [
                "certificate expired", "host name mismatch", "unknown authority", "pin mismatch",
                "certificate revoked", "revocation list unusable", "certificate invalid",
                "refused by the server", "protocol not spoken",
                "closed by the server", "no TLS, or nothing in common",
            ])
    }
}
