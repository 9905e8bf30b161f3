internal import COpenSSL

/// The revocation lists of one file (RFC 5280 §5).
@safe public final class RevocationLists: Sendable {
    /// For how long one list is in force.
    public struct Term: Sendable, Equatable {
        /// The authority whose list it is, as in RFC 4514.
        public let issuer: String
        /// From when on, in seconds since 1970.
        public let lastUpdate: Int64
        /// Until when, in seconds since 1970.
        public let nextUpdate: Int64
    }

    // SAFETY: owner: this object, one reference each; lifetime: until `deinit`; never changed, so
    // threads may share them.
    nonisolated(unsafe) let lists: [OpaquePointer]
    /// Each in DER.
    let encodings: [[UInt8]]
    /// The one that is too old first, of those that no newer one replaces; nil where none says when
    /// that is.
    public let earliest: Term?
    /// What the newest list says, by whom lists are about.
    private let terms: [[UInt8]: Term]
    /// When the last of them begins to count, in seconds since 1970.
    public let lastUpdate: Int64

    /// Reads every list of a PEM file, or the one of a file in DER.
    ///
    /// - Throws: `TLSError` where there is none, or one cannot be read.
    public init(_ bytes: [UInt8]) throws(TLSError) {
        guard let source = MemoryBIO(bytes) else {
            throw ErrorQueue.takeError("read the revocation lists")
        }
        ERR_clear_error()
        var lists: [OpaquePointer] = unsafe []
        var isEnd = true
        // SAFETY: what is returned is ours: `deinit` frees it; the callback touches nothing.
        if bytes.first == RevocationLists.sequence {
            if let list = unsafe d2i_X509_CRL_bio(source.handle, nil) {
                unsafe lists.append(list)
            } else {
                isEnd = false
            }
        } else {
            while let list = unsafe PEM_read_bio_X509_CRL(
                source.handle, nil, { _, _, _, _ in -1 }, nil)
            {
                unsafe lists.append(list)
            }
            isEnd = PEMEnd.isReached()
        }
        unsafe self.lists = lists
        encodings = unsafe lists.map { unsafe RevocationLists.encoded($0) }
        let pairs = unsafe lists.map { list in
            unsafe (RevocationLists.scope(of: list), RevocationLists.term(list))
        }
        terms = Dictionary(pairs) { $0.nextUpdate < $1.nextUpdate ? $1 : $0 }
        earliest = terms.values.filter { $0.nextUpdate < .max }
            .min { $0.nextUpdate < $1.nextUpdate }
        lastUpdate =
            unsafe lists.map { list in
                unsafe CertificateFacts.seconds(X509_CRL_get0_lastUpdate(list))
            }.max() ?? 0
        guard isEnd else { throw ErrorQueue.takeError("read the revocation lists") }
        guard !encodings.isEmpty else {
            throw TLSError(
                operation: "read the revocation lists",
                reason: "there is none; expected PEM, '-----BEGIN X509 CRL-----', or DER")
        }
    }

    deinit {
        unsafe lists.forEach { list in unsafe X509_CRL_free(list) }
    }

    /// When the first of them is too old that no newer one replaces, in seconds since 1970; one
    /// that does not say is never.
    public var nextUpdate: Int64 { earliest?.nextUpdate ?? .max }

    /// The same of several files: a list may be replaced by one in another file.
    static func nextUpdate(of files: [RevocationLists]) -> Int64 {
        var ends: [[UInt8]: Int64] = [:]
        for file in files {
            ends.merge(file.terms.mapValues(\.nextUpdate), uniquingKeysWith: max)
        }
        return ends.values.min() ?? .max
    }

    private static func term(_ list: OpaquePointer) -> Term {
        // SAFETY: lifetime: all of it belongs to the caller's list and is copied.
        let end = unsafe X509_CRL_get0_nextUpdate(list)
        return unsafe Term(
            issuer: CertificateFacts.name(X509_CRL_get_issuer(list)),
            lastUpdate: CertificateFacts.seconds(X509_CRL_get0_lastUpdate(list)),
            nextUpdate: end == nil ? .max : CertificateFacts.seconds(end))
    }

    /// Whom a list is about, so that a newer one of the same replaces it: its issuer, which of that
    /// one's keys has signed it, and which certificates it is limited to (RFC 5280 §5.2.1, §5.2.5).
    private static func scope(of list: OpaquePointer) -> [UInt8] {
        // SAFETY: lifetime: all of it belongs to the caller's list and is copied; bound: the text's
        // own length.
        var scope = unsafe Array(CertificateFacts.name(X509_CRL_get_issuer(list)).utf8)
        for kind in [NID_authority_key_identifier, NID_issuing_distribution_point] {
            scope.append(0)
            let place = unsafe X509_CRL_get_ext_by_NID(list, kind, -1)
            guard place >= 0, let found = unsafe X509_CRL_get_ext(list, place),
                let value = unsafe X509_EXTENSION_get_data(found)
            else {
                // Two authorities may have one name: where none says with which key it has signed,
                // no list replaces another.
                if kind == NID_authority_key_identifier {
                    unsafe scope += RevocationLists.encoded(list)
                }
                continue
            }
            unsafe scope += UnsafeBufferPointer(
                start: ASN1_STRING_get0_data(value), count: Int(ASN1_STRING_length(value)))
        }
        return scope
    }

    private static func encoded(_ list: OpaquePointer) -> [UInt8] {
        // SAFETY: OpenSSL allocates what it writes, which is copied and freed here; bound: the
        // count that it returns.
        var start: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_X509_CRL(list, &start)
        guard count > 0, let start = unsafe start else { return [] }
        defer { unsafe CRYPTO_free(start, nil, 0) }
        return unsafe Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }

    /// What a list in DER begins with; no PEM file does.
    private static let sequence: UInt8 = 0x30
}
