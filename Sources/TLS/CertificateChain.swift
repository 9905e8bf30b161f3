internal import COpenSSL

/// The certificates of a PEM file (RFC 7468 §5); frees them at the end.
@safe struct CertificateChain: ~Copyable {
    // SAFETY: owner: this value, one reference each; lifetime: until `deinit`.
    private(set) var certificates: [OpaquePointer] = unsafe []

    /// How many stand in order from the front, each signed by the next; 0 before `order(for:)`.
    private(set) var linkedCount = 0

    /// Reads every certificate of `pem`; text between them is skipped.
    init(pem: [UInt8]) throws(CredentialError) {
        guard let source = MemoryBIO(pem) else { throw .unreadableCertificate("out of memory") }
        // What an earlier call left would be taken for the reason of this one.
        ERR_clear_error()
        while unsafe certificates.count < CertificateChain.maximumCount {
            // SAFETY: the caller owns what is returned: it goes into `certificates`; the callback
            // touches nothing: without it, OpenSSL asks the terminal for a passphrase, and waits.
            guard
                let certificate = unsafe PEM_read_bio_X509(
                    source.handle, nil, { _, _, _, _ in -1 }, nil)
            else {
                break
            }
            unsafe certificates.append(certificate)
        }
        let entry = ERR_peek_last_error()
        if entry != 0,
            martlet_ERR_GET_LIB(entry) != ERR_LIB_PEM
                || martlet_ERR_GET_REASON(entry) != PEM_R_NO_START_LINE
        {
            throw .unreadableCertificate(ErrorQueue.takeText())
        }
        ERR_clear_error()
        guard unsafe !certificates.isEmpty else { throw .noCertificate }
    }

    deinit {
        unsafe certificates.forEach { certificate in unsafe X509_free(certificate) }
    }

    /// Brings the certificate of `key` to the front and each issuer behind what it issued
    /// (RFC 8446 §4.4.2); what has no place in that chain stands at the end, as some clients use
    /// it to build another.
    mutating func order(for key: OpaquePointer) throws(CredentialError) {
        // SAFETY: lifetime: both live in `certificates` and the caller's hands during the calls.
        let leaf = unsafe certificates.firstIndex {
            unsafe X509_get0_pubkey($0).map { unsafe EVP_PKEY_eq($0, key) == 1 } ?? false
        }
        ERR_clear_error()
        guard let leaf else { throw .keyMismatch }
        var rest = unsafe certificates
        var ordered = unsafe [rest.remove(at: leaf)]
        while let last = unsafe ordered.last,
            let next = unsafe rest.firstIndex(where: {
                // The name alone could be that of an earlier authority.
                unsafe X509_check_issued($0, last) == X509_V_OK
                    && X509_verify(last, X509_get0_pubkey($0)) == 1
            })
        {
            unsafe ordered.append(rest.remove(at: next))
        }
        ERR_clear_error()
        unsafe linkedCount = ordered.count
        unsafe certificates = ordered + rest
    }

    /// Longer chains are refused by clients anyway.
    private static let maximumCount = 32
}
