internal import COpenSSL

extension Credential {
    /// Where the certificate's authority tells whether it is revoked (RFC 5280 §4.2.2.1): the first
    /// `http:` address; nil where it names none.
    public var ocspURL: String? {
        // SAFETY: the list is ours and freed below; its texts are copied before.
        guard let list = unsafe X509_get1_ocsp(leaf) else {
            ERR_clear_error()
            return nil
        }
        defer { unsafe X509_email_free(list) }
        for index in 0..<(unsafe martlet_sk_OPENSSL_STRING_num(list)) {
            guard let text = unsafe martlet_sk_OPENSSL_STRING_value(list, index) else { continue }
            let url = unsafe String(cString: text)
            if url.lowercased().hasPrefix("http://") { return url }
        }
        return nil
    }

    /// True exactly when the certificate promises that a staple comes with it: clients refuse it
    /// without one (RFC 7633 §4.2.3.1).
    public var mustStaple: Bool {
        // SAFETY: the list is ours and freed below.
        guard let raw = unsafe X509_get_ext_d2i(leaf, NID_tlsfeature, nil, nil) else {
            return false
        }
        let list = OpaquePointer(raw)
        defer { unsafe TLS_FEATURE_free(list) }
        return (0..<(unsafe martlet_sk_ASN1_INTEGER_num(list))).contains { index in
            let feature = unsafe martlet_sk_ASN1_INTEGER_value(list, index)
            return unsafe ASN1_INTEGER_get(feature) == Int(TLSEXT_TYPE_status_request)
        }
    }

    /// The request that asks whether the certificate is revoked, in DER.
    ///
    /// - Throws: `OCSPError.noIssuer` where the chain lacks the issuer.
    public func makeOCSPRequest() throws(OCSPError) -> [UInt8] { try question().request }

    /// Judges a response about the certificate, at `now` in seconds since 1970.
    ///
    /// - Throws: `OCSPError` unless it says with authority that the certificate is good or revoked.
    public func judge(ocspResponse: [UInt8], now: Int64) throws(OCSPError) -> OCSPVerdict {
        try question().judge(ocspResponse, now: now)
    }

    private func question() throws(OCSPError) -> OCSPQuestion {
        // SAFETY: lifetime: both belong to this object, which outlives the question.
        for index in 0..<(unsafe martlet_sk_X509_num(issuers)) {
            guard let issuer = unsafe martlet_sk_X509_value(issuers, index) else { continue }
            if unsafe X509_check_issued(issuer, leaf) == X509_V_OK {
                return try unsafe OCSPQuestion(leaf: leaf, issuer: issuer)
            }
        }
        ERR_clear_error()
        throw .noIssuer
    }
}
