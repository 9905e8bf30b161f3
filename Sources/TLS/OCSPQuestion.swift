internal import COpenSSL

/// What is asked about one certificate, and how the answer is judged.
///
/// Made from a leaf and its issuer; both outlive it.
@safe struct OCSPQuestion: ~Copyable {
    // SAFETY: owner: the credential, which outlives this value.
    private let issuer: OpaquePointer
    // SAFETY: owner: this value; lifetime: until `deinit`.
    private let identity: OpaquePointer

    /// Names the certificate by hashes of its issuer and its serial number; with SHA-1, the one
    /// that every responder knows (RFC 5019 §2.1.1).
    init(leaf: OpaquePointer, issuer: OpaquePointer) throws(OCSPError) {
        // SAFETY: OpenSSL copies what it needs.
        guard let identity = unsafe OCSP_cert_to_id(EVP_sha1(), leaf, issuer) else {
            ERR_clear_error()
            throw .noIssuer
        }
        unsafe self.issuer = issuer
        unsafe self.identity = identity
    }

    deinit { unsafe OCSP_CERTID_free(identity) }

    /// The request in DER, without nonce, so that answers made beforehand fit (RFC 5019 §2.1.1).
    var request: [UInt8] {
        // SAFETY: the request owns the identity's copy once it was added; what is made here is
        // freed here; bound: the count that OpenSSL returns.
        guard let request = unsafe OCSP_REQUEST_new() else { return [] }
        defer { unsafe OCSP_REQUEST_free(request) }
        guard let copy = unsafe OCSP_CERTID_dup(identity) else { return [] }
        guard unsafe OCSP_request_add0_id(request, copy) != nil else {
            unsafe OCSP_CERTID_free(copy)
            return []
        }
        var start: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_OCSP_REQUEST(request, &start)
        guard count > 0, let start = unsafe start else { return [] }
        defer { unsafe CRYPTO_free(start, nil, 0) }
        return unsafe Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }

    /// Judges an answer by its signature and its times, at `now` in seconds since 1970.
    ///
    /// - Throws: `OCSPError` unless it says with authority that the certificate is good or revoked.
    func judge(_ response: [UInt8], now: Int64) throws(OCSPError) -> OCSPVerdict {
        defer { ERR_clear_error() }
        // SAFETY: what is made here is freed here; bound: the array's count, all of which is to be
        // the response.
        let parsed = unsafe response.withUnsafeBufferPointer { buffer in
            var place = buffer.baseAddress
            let made = unsafe d2i_OCSP_RESPONSE(nil, &place, buffer.count)
            guard unsafe place == buffer.baseAddress.map({ unsafe $0 + buffer.count }) else {
                unsafe OCSP_RESPONSE_free(made)
                return unsafe OpaquePointer?.none
            }
            return unsafe made
        }
        guard let parsed = unsafe parsed else { throw .unreadable }
        defer { unsafe OCSP_RESPONSE_free(parsed) }
        let status = unsafe OCSP_response_status(parsed)
        guard status == OCSP_RESPONSE_STATUS_SUCCESSFUL else {
            throw .unsuccessful(unsafe String(cString: OCSP_response_status_str(Int(status))))
        }
        guard let basic = unsafe OCSP_response_get1_basic(parsed) else { throw .unreadable }
        defer { unsafe OCSP_BASICRESP_free(basic) }
        try unsafe verifySignature(of: basic)
        return try unsafe read(basic, response, now: now)
    }

    /// The signer is the issuer, or has a certificate of the issuer for this purpose
    /// (RFC 6960 §4.2.2.2).
    private func verifySignature(of basic: OpaquePointer) throws(OCSPError) {
        // SAFETY: what is made here is freed here; the store and the stack count references of
        // their own.
        guard let store = unsafe X509_STORE_new() else { throw .unverified("out of memory") }
        defer { unsafe X509_STORE_free(store) }
        guard let known = unsafe martlet_sk_X509_new() else { throw .unverified("out of memory") }
        defer { unsafe martlet_sk_X509_free(known) }
        if unsafe martlet_sk_X509_push(known, issuer) > 0 { unsafe X509_up_ref(issuer) }
        // The issuer is trusted as it stands: that it is a public one is for clients to judge.
        unsafe X509_STORE_add_cert(store, issuer)
        unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        let flags = UInt(OCSP_NOEXPLICIT)
        guard unsafe OCSP_basic_verify(basic, known, store, flags) == 1 else {
            let isQuiet = ERR_peek_error() == 0
            throw .unverified(isQuiet ? "the signer has no authority" : ErrorQueue.takeText())
        }
    }

    private func read(_ basic: OpaquePointer, _ bytes: [UInt8], now: Int64) throws(OCSPError)
        -> OCSPVerdict
    {
        var status: Int32 = 0
        var reason: Int32 = 0
        var revokedAt: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
        var thisUpdate: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
        var nextUpdate: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
        // SAFETY: lifetime: the times belong to `basic`.
        let isFound = unsafe OCSP_resp_find_status(
            basic, identity, &status, &reason, &revokedAt, &thisUpdate, &nextUpdate)
        guard isFound == 1 else { throw .otherCertificate }
        guard unsafe OCSP_check_validity(thisUpdate, nextUpdate, OCSPQuestion.skew, -1) == 1 else {
            throw .outOfTime(ErrorQueue.takeText())
        }
        let begin = unsafe CertificateFacts.seconds(thisUpdate)
        guard begin <= now + Int64(OCSPQuestion.skew) else { throw .outOfTime("not yet valid") }
        switch status {
        case V_OCSP_CERTSTATUS_REVOKED:
            let word = unsafe String(cString: OCSP_crl_reason_str(Int(reason)))
            return unsafe .revoked(
                since: CertificateFacts.seconds(revokedAt), reason: reason < 0 ? "" : word,
                thisUpdate: begin)
        case V_OCSP_CERTSTATUS_GOOD: break
        default: throw .unknown
        }
        guard unsafe nextUpdate != nil else { throw .endless }
        let end = unsafe CertificateFacts.seconds(nextUpdate)
        guard now < end else { throw .outOfTime("status expired") }
        return .good(OCSPStaple(bytes: bytes, thisUpdate: begin, nextUpdate: end))
    }

    /// By how many seconds clocks may differ.
    private static let skew = 300
}
