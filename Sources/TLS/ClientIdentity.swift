internal import COpenSSL

/// Who a client has shown itself to be: its certificate, which was verified, and what stands in it.
public final class ClientIdentity: Sendable {
    /// The certificate in DER.
    public let certificate: [UInt8]
    /// What stands between it and the authority, in DER, in the order of TLS; empty where the
    /// session was resumed, since tickets do not carry it.
    public let chain: [[UInt8]]
    /// SHA-256 over the certificate in lower-case hexadecimal.
    public let sha256Fingerprint: String
    /// The subject as in RFC 2253, in ASCII.
    public let subject: [UInt8]
    /// The last common name of the subject in UTF-8; empty where it has none.
    public let commonName: [UInt8]
    /// The subject as in RFC 2253, with letters beyond ASCII as they are.
    let plainSubject: [UInt8]
    /// The DNS names, as they are spelled.
    public let dnsNames: [[UInt8]]
    /// The URIs.
    public let uris: [[UInt8]]
    /// The mailboxes.
    let emails: [[UInt8]]

    /// Reads the certificate that the client of `session` has shown; nil where it has shown none.
    convenience init?(session: OpaquePointer) {
        // SAFETY: lifetime: the session owns all that is read here, and it is copied.
        guard let leaf = unsafe SSL_get0_peer_certificate(session) else { return nil }
        var chain: [[UInt8]] = []
        let verified = unsafe SSL_get0_verified_chain(session)
        let count = unsafe verified == nil ? 0 : Int(martlet_sk_X509_num(verified))
        for index in 1..<max(1, count) {
            guard let issuer = unsafe martlet_sk_X509_value(verified, Int32(index)) else { break }
            // The backend knows whom it trusts; a root is no news to it (RFC 9440 §2.3).
            if index == count - 1, unsafe X509_self_signed(issuer, 0) == 1 { break }
            unsafe chain.append(ClientIdentity.encoded(issuer))
        }
        unsafe self.init(leaf, chain: chain)
    }

    /// Reads a certificate, which stays the caller's.
    init(_ leaf: OpaquePointer, chain: [[UInt8]] = []) {
        // SAFETY: lifetime: the caller's certificate outlives the call; what is read is copied.
        let facts = unsafe CertificateFacts(leaf)
        certificate = unsafe ClientIdentity.encoded(leaf)
        self.chain = chain
        sha256Fingerprint = facts.sha256Fingerprint
        subject = Array(facts.asciiSubject.utf8)
        plainSubject = Array(facts.subject.utf8)
        commonName = unsafe ClientIdentity.commonName(of: leaf)
        dnsNames = facts.alternativeNames(GEN_DNS)
        uris = facts.alternativeNames(GEN_URI)
        emails = facts.alternativeNames(GEN_EMAIL)
        ERR_clear_error()
    }

    private static func commonName(of certificate: OpaquePointer) -> [UInt8] {
        // SAFETY: lifetime: the name and its entries belong to the certificate; OpenSSL allocates
        // the text, which is copied and freed here; bound: the count that it returns.
        let name = unsafe X509_get_subject_name(certificate)
        var index: Int32 = -1
        while case let next = unsafe X509_NAME_get_index_by_NID(name, NID_commonName, index),
            next >= 0
        {
            index = next
        }
        guard index >= 0, let entry = unsafe X509_NAME_get_entry(name, index) else { return [] }
        var start: UnsafeMutablePointer<UInt8>?
        let count = unsafe ASN1_STRING_to_UTF8(&start, X509_NAME_ENTRY_get_data(entry))
        guard count > 0, let start = unsafe start else { return [] }
        defer { unsafe CRYPTO_free(start, nil, 0) }
        return unsafe Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }

    /// A certificate in DER.
    static func encoded(_ certificate: OpaquePointer) -> [UInt8] {
        // SAFETY: OpenSSL allocates what it writes, which is copied and freed here; bound: the
        // count that it returns.
        var start: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_X509(certificate, &start)
        guard count > 0, let start = unsafe start else { return [] }
        defer { unsafe CRYPTO_free(start, nil, 0) }
        return unsafe Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }
}
