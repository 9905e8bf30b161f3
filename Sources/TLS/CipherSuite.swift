internal import COpenSSL

/// A suite that the OpenSSL at run time has.
public struct CipherSuite: Sendable, Equatable {
    /// OpenSSL's name, as "ECDHE-RSA-AES128-GCM-SHA256".
    public let name: String

    /// The name of the standard, as "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256".
    public let standardName: String

    /// The version that speaks it.
    public let version: TLSVersion

    /// Why it is not to be served; nil exactly when it has forward secrecy, authenticated
    /// encryption and a certificate.
    public let weakness: String?

    /// Reads what OpenSSL knows of a suite.
    @safe init(_ suite: OpaquePointer) {
        // SAFETY: lifetime: suites are constants of the library, as are their texts, which end in
        // NUL.
        let text = unsafe SSL_CIPHER_get_name(suite).map { unsafe String(cString: $0) }
        let standard = unsafe SSL_CIPHER_standard_name(suite).map { unsafe String(cString: $0) }
        let version = unsafe SSL_CIPHER_get_version(suite).map { unsafe String(cString: $0) }
        name = text ?? ""
        standardName = standard ?? name
        self.version = version == TLSVersion.tls13.label ? .tls13 : .tls12
        weakness = CipherSuite.weakness(
            name: name, exchange: unsafe SSL_CIPHER_get_kx_nid(suite),
            signature: unsafe SSL_CIPHER_get_auth_nid(suite),
            bits: unsafe SSL_CIPHER_get_bits(suite, nil),
            isAuthenticated: unsafe SSL_CIPHER_is_aead(suite) == 1)
    }

    private static func weakness(
        name: String, exchange: Int32, signature: Int32, bits: Int32, isAuthenticated: Bool
    ) -> String? {
        if bits == 0 { return "it does not encrypt" }
        if signature == NID_auth_null { return "it authenticates nobody" }
        if ![NID_auth_rsa, NID_auth_ecdsa, NID_auth_any].contains(signature) {
            return "it works without a certificate of today"
        }
        if ![NID_kx_ecdhe, NID_kx_dhe, NID_kx_any].contains(exchange) {
            return "it has no forward secrecy: who gets the key can read what was recorded before"
        }
        if !isAuthenticated { return "it has no authenticated encryption (AEAD)" }
        if bits < 128 { return "its keys have \(bits) bits" }
        if name.hasSuffix("CCM8") || name.contains("CCM_8") { return "its tags have only 64 bits" }
        return nil
    }
}
