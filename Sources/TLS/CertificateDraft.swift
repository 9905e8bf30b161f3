internal import COpenSSL

/// A certificate that is being made.
@safe struct CertificateDraft: ~Copyable {
    // SAFETY: owner: this value; lifetime: until `deinit`.
    private let handle: OpaquePointer

    /// Begins a certificate of `key`, valid from an hour ago, so that a client whose clock is
    /// behind accepts it. Its subject is empty where there is no common name.
    init(commonName: String?, key: borrowing SigningKey, validity: Duration) throws(TLSError) {
        guard let handle = unsafe X509_new() else {
            throw ErrorQueue.takeError("make a certificate")
        }
        let name = Array((commonName ?? "").utf8)
        // SAFETY: the handle is ours and freed where it is not kept.
        guard unsafe CertificateDraft.fill(handle, name: name, key: key.handle, validity: validity)
        else {
            unsafe X509_free(handle)
            throw ErrorQueue.takeError("make a certificate for '\(commonName ?? "")'")
        }
        unsafe self.handle = handle
    }

    private static func fill(
        _ handle: OpaquePointer, name: [UInt8], key: OpaquePointer, validity: Duration
    ) -> Bool {
        // SAFETY: what OpenSSL is given it copies or counts a reference to; the certificate owns
        // what is written to.
        let subject = unsafe X509_get_subject_name(handle)
        let hour = 3_600
        guard unsafe X509_set_version(handle, 2) == 1, unsafe X509_set_pubkey(handle, key) == 1,
            unsafe X509_gmtime_adj(X509_getm_notBefore(handle), -hour) != nil,
            unsafe X509_gmtime_adj(X509_getm_notAfter(handle), Int(validity.components.seconds))
                != nil,
            unsafe name.isEmpty
                || X509_NAME_add_entry_by_NID(
                    subject, NID_commonName, MBSTRING_UTF8, name, Int32(name.count), -1, 0) == 1,
            let number = unsafe BN_new()
        else { return false }
        defer { unsafe BN_free(number) }
        // 127 random bits, so that serials do not collide and stay positive (RFC 5280 §4.1.2.2).
        return unsafe BN_rand(number, 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1
            && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(handle)) != nil
    }

    /// Reads a finished certificate, to sign others in its name.
    init(pem: [UInt8]) throws(TLSError) {
        guard let source = MemoryBIO(pem),
            let handle = unsafe PEM_read_bio_X509(source.handle, nil, { _, _, _, _ in -1 }, nil)
        else { throw ErrorQueue.takeError("read the authority's certificate") }
        unsafe self.handle = handle
    }

    deinit { unsafe X509_free(handle) }

    /// Names who signs.
    func setIssuer(_ issuer: borrowing CertificateDraft) throws(TLSError) {
        // SAFETY: OpenSSL copies the name.
        guard unsafe X509_set_issuer_name(handle, X509_get_subject_name(issuer.handle)) == 1 else {
            throw ErrorQueue.takeError("name the issuer")
        }
    }

    /// Adds an extension in OpenSSL's notation.
    func add(_ value: String, _ kind: Int32, issuer: borrowing CertificateDraft) throws(TLSError) {
        var context = unsafe X509V3_CTX()
        // SAFETY: the certificates live during the call; the extension is ours until freed, the
        // certificate copies it.
        unsafe X509V3_set_ctx(&context, issuer.handle, handle, nil, nil, 0)
        guard let made = unsafe X509V3_EXT_conf_nid(nil, &context, kind, value) else {
            throw ErrorQueue.takeError("add '\(value)' to a certificate")
        }
        defer { unsafe X509_EXTENSION_free(made) }
        guard unsafe X509_add_ext(handle, made, -1) == 1 else {
            throw ErrorQueue.takeError("add '\(value)' to a certificate")
        }
    }

    /// Signs with SHA-256.
    func sign(with key: borrowing SigningKey) throws(TLSError) {
        guard unsafe X509_sign(handle, key.handle, EVP_sha256()) > 0 else {
            throw ErrorQueue.takeError("sign a certificate")
        }
    }

    /// The certificate in PEM.
    func pem() throws(TLSError) -> [UInt8] {
        guard let target = MemoryBIO(), unsafe PEM_write_bio_X509(target.handle, handle) == 1 else {
            throw ErrorQueue.takeError("write a certificate")
        }
        return target.bytes
    }
}
