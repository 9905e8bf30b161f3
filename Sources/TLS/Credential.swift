internal import COpenSSL

/// A certificate chain and its private key, checked to belong together; immutable.
@safe public final class Credential: Sendable {
    /// The hosts of the certificate in lower case: dNSNames, or the common name where it has none.
    public let names: [String]
    /// The serial number in lower-case hexadecimal.
    public let serial: String
    /// When it becomes valid, in seconds since 1970.
    public let notBefore: Int64
    /// When it expires, in seconds since 1970.
    public let notAfter: Int64
    /// Kind and size of the key, as "ECDSA P-256".
    public let keyKind: String
    /// What the key signs with.
    public let keyForm: KeyForm
    /// OpenSSL's short name of what the certificate was signed with, as "ecdsa-with-SHA256".
    public let signatureAlgorithm: String
    /// Kind and size of the key as the PROXY protocol tells it, as "EC256"; empty for EdDSA.
    public let keyAlgorithm: String
    /// Who signed the certificate.
    public let issuer: String
    /// Whom the certificate names.
    public let subject: String
    /// SHA-256 over the certificate in lower-case hexadecimal.
    public let sha256Fingerprint: String
    /// How many certificates are sent, the leaf among them.
    public let chainLength: Int
    /// The proof that it is not revoked, which clients are sent that ask for it.
    public let staple = StapleSlot()
    /// Whose certificate a client will probably miss to verify the chain; nil where none.
    public let missingIssuer: String?

    // SAFETY: owner: this object, one reference each; lifetime: until `deinit`; OpenSSL only reads
    // them once made, and counts references atomically, so threads may share them.
    nonisolated(unsafe) let leaf: OpaquePointer
    private nonisolated(unsafe) let key: OpaquePointer
    nonisolated(unsafe) let issuers: OpaquePointer

    /// Reads a chain and a key, both PEM.
    ///
    /// The certificates may stand in any order; they are sent leaf first.
    ///
    /// - Parameter passphrase: of a key that is encrypted; not used for another.
    /// - Throws: `CredentialError`, which says which of the two is wrong and why.
    public init(
        chainPEM: [UInt8], keyPEM: [UInt8], passphrase: [UInt8]? = nil
    ) throws(CredentialError) {
        var chain = try CertificateChain(pem: chainPEM)
        // SAFETY: the key is owned here; each way out either stores or frees it.
        let key = try unsafe PrivateKeyReader.read(keyPEM, passphrase: passphrase)
        do throws(CredentialError) {
            try unsafe chain.order(for: key)
        } catch {
            unsafe EVP_PKEY_free(key)
            throw error
        }
        guard let leaf = unsafe chain.certificates.first, let issuers = unsafe martlet_sk_X509_new()
        else {
            unsafe EVP_PKEY_free(key)
            throw .noCertificate
        }
        // SAFETY: the chain gives up its references at its end, so each is counted up for this
        // object.
        unsafe X509_up_ref(leaf)
        unsafe chain.certificates.dropFirst().forEach { issuer in
            if unsafe martlet_sk_X509_push(issuers, issuer) > 0 { unsafe X509_up_ref(issuer) }
        }
        unsafe self.leaf = leaf
        unsafe self.key = key
        unsafe self.issuers = issuers
        let facts = unsafe CertificateFacts(leaf)
        names = facts.names
        serial = facts.serial
        notBefore = facts.notBefore
        notAfter = facts.notAfter
        keyKind = facts.keyKind
        keyForm = facts.keyForm
        signatureAlgorithm = facts.signatureAlgorithm
        keyAlgorithm = facts.keyAlgorithm
        issuer = facts.issuer
        subject = facts.subject
        sha256Fingerprint = facts.sha256Fingerprint
        chainLength = unsafe chain.certificates.count
        // An extension that cannot be read is no reason to refuse, and must not be given as one.
        ERR_clear_error()
        missingIssuer = chain.missingIssuer
        do throws(TLSError) {
            try CredentialProbe.check(self)
        } catch {
            throw .refused(error.reason)
        }
    }

    deinit {
        unsafe X509_free(leaf)
        unsafe EVP_PKEY_free(key)
        unsafe martlet_sk_X509_free(issuers)
    }

    /// True exactly when a client that wants `host` accepts the certificate's names (RFC 9525 §6):
    /// a DNS name, also with a wildcard as its first label, or an IP address.
    public func covers(host: String) -> Bool {
        let bare = host.first == "[" ? String(host.dropFirst().dropLast()) : host
        // To OpenSSL a dot in front means any host below, and NUL the end of an address.
        guard bare.first != ".", !bare.utf8.contains(0) else { return false }
        // SAFETY: lifetime: the strings live during the calls; bound: NUL, or the count that is
        // passed.
        if unsafe X509_check_ip_asc(leaf, bare, 0) == 1 { return true }
        let flags = UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
        if bare.hasPrefix("*.") { return names.contains(bare) }
        return unsafe X509_check_host(leaf, bare, bare.utf8.count, flags, nil) == 1
    }

    /// Makes it one of a context's credentials.
    func install(in context: OpaquePointer) throws(TLSError) {
        // SAFETY: OpenSSL counts its own references.
        guard unsafe SSL_CTX_use_cert_and_key(context, leaf, key, issuers, 1) == 1 else {
            throw ErrorQueue.takeError("use the certificate '\(subject)'")
        }
    }

    /// Makes it one of a session's credentials; false where OpenSSL refuses, with the reason in the
    /// error queue.
    func install(inSession session: OpaquePointer) -> Bool {
        // SAFETY: OpenSSL counts its own references.
        unsafe SSL_use_cert_and_key(session, leaf, key, issuers, 1) == 1
    }
}
