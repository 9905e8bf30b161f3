internal import COpenSSL

/// Whose certificates a site asks its clients for, and who of them may come: its client certificate
/// policy.
///
/// Immutable, so that every worker reads it without a lock of ours.
@safe public final class ClientVerification: Sendable {
    /// What happens to a client without a certificate.
    public enum Mode: UInt8, Sendable, CaseIterable {
        /// It is served all the same, unless rules say who may come.
        case optional
        /// Its handshake fails.
        case required
    }

    /// What makes two policies one.
    public struct Terms: Sendable {
        let mode: Mode
        let authorities: ClientAuthorities
        let depth: Int
        let lists: [RevocationLists]
        let rules: [String]

        /// Puts the terms together.
        ///
        /// - Parameters:
        ///   - depth: how many certificates may stand between the client's and an authority's.
        ///   - lists: with any, each authority below a trusted one needs one.
        ///   - rules: subjects or alternative names; where empty, everybody may come whom an
        ///     authority has vouched for.
        public init(
            mode: Mode, authorities: ClientAuthorities, depth: Int = 2,
            lists: [RevocationLists] = [], rules: [String] = []
        ) {
            self.mode = mode
            self.authorities = authorities
            self.depth = depth
            self.lists = lists
            self.rules = rules
        }
    }

    /// What happens to a client without a certificate.
    public let mode: Mode
    /// SHA-256 over all that decides: policies with the same digest let in the same clients.
    let digest: [UInt8]
    /// When the first revocation list is too old that none replaces, in seconds since 1970.
    let nextUpdate: Int64
    private let rules: [ClientRule]
    private let depth: Int32

    // SAFETY: owner: this object, one reference each; lifetime: until `deinit`; OpenSSL locks the
    // store and counts references atomically, so threads may share them.
    private nonisolated(unsafe) let store: OpaquePointer
    /// The authorities' names for the client to choose by; nil where they are too many to send.
    private nonisolated(unsafe) let names: OpaquePointer?

    /// Makes a policy of its terms.
    ///
    /// - Throws: `TLSError` where memory is short.
    public init(_ terms: Terms) throws(TLSError) {
        mode = terms.mode
        depth = Int32(clamping: terms.depth)
        rules = terms.rules.map { ClientRule($0) }
        nextUpdate = RevocationLists.nextUpdate(of: terms.lists)
        digest = ClientVerification.digest(of: terms)
        unsafe store = try ClientVerification.makeStore(terms)
        unsafe names = ClientVerification.makeNames(terms.authorities)
    }

    deinit {
        unsafe X509_STORE_free(store)
        unsafe martlet_sk_X509_NAME_free(names)
    }

    private static func makeStore(_ terms: Terms) throws(TLSError) -> OpaquePointer {
        guard let store = unsafe X509_STORE_new() else {
            throw ErrorQueue.takeError("make a store of authorities")
        }
        // SAFETY: the store counts its own references.
        let isFilled =
            unsafe terms.authorities.certificates.allSatisfy {
                unsafe X509_STORE_add_cert(store, $0) == 1
            }
            && terms.lists.allSatisfy { file in
                unsafe file.lists.allSatisfy { unsafe X509_STORE_add_crl(store, $0) == 1 }
            }
        // Whoever stands in the file is trusted, also one that another has vouched for.
        var flags = UInt(X509_V_FLAG_PARTIAL_CHAIN)
        if !terms.lists.isEmpty {
            flags |= UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL)
        }
        guard isFilled, unsafe X509_STORE_set_flags(store, flags) == 1 else {
            unsafe X509_STORE_free(store)
            throw ErrorQueue.takeError("fill a store of authorities")
        }
        return unsafe store
    }

    private static func makeNames(_ authorities: ClientAuthorities) -> OpaquePointer? {
        guard let names = unsafe martlet_sk_X509_NAME_new() else { return nil }
        var bytes = 0
        // SAFETY: the list gets copies and is freed by `deinit`, or here.
        let isComplete = unsafe authorities.certificates.allSatisfy { certificate in
            let name = unsafe X509_get_subject_name(certificate)
            bytes += unsafe Int(max(0, i2d_X509_NAME(name, nil))) + 2
            return unsafe bytes <= namesLimit && martlet_sk_X509_NAME_add(names, name) == 1
        }
        guard isComplete else {
            unsafe martlet_sk_X509_NAME_free(names)
            return nil
        }
        return unsafe names
    }

    /// Each part behind its length, so that none passes for two.
    private static func digest(of terms: Terms) -> [UInt8] {
        var parts: [[UInt8]] = [[terms.mode.rawValue, UInt8(clamping: terms.depth)]]
        parts += terms.authorities.encodings
        parts.append([])
        parts += terms.lists.flatMap(\.encodings)
        parts.append([])
        parts += terms.rules.map { Array($0.utf8) }
        var input: [UInt8] = []
        for part in parts {
            unsafe withUnsafeBytes(of: UInt64(part.count).bigEndian) { unsafe input += $0 }
            input += part
        }
        return Digest.sha256(input)
    }

    /// Asks the client of a session for a certificate; called before anything is negotiated. False
    /// where OpenSSL refuses.
    func apply(to session: OpaquePointer) -> Bool {
        var flags = SSL_VERIFY_PEER
        if mode == .required { flags |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT }
        // SAFETY: the session counts its own reference to the store and takes over the copy of the
        // names.
        unsafe SSL_set_verify(session, flags, judgeCertificate)
        unsafe SSL_set_verify_depth(session, depth)
        guard unsafe martlet_SSL_set1_verify_cert_store(session, store) == 1 else { return false }
        if let names = unsafe names, let copy = unsafe martlet_SSL_dup_CA_list(names) {
            unsafe SSL_set0_CA_list(session, copy)
        }
        return true
    }

    /// True exactly when the certificate that a session was opened with is good by this policy too.
    ///
    /// A resumed session does not know what stood between its certificate and the authority.
    func accepts(certificateOf session: OpaquePointer) -> Bool {
        // SAFETY: the context is ours; the rest belongs to the session, which outlives the call.
        guard let leaf = unsafe SSL_get0_peer_certificate(session),
            let context = unsafe X509_STORE_CTX_new()
        else { return false }
        defer {
            unsafe X509_STORE_CTX_free(context)
            ERR_clear_error()
        }
        guard
            unsafe X509_STORE_CTX_init(
                context, store, leaf, SSL_get_peer_cert_chain(session)) == 1,
            unsafe X509_STORE_CTX_set_default(context, "ssl_client") == 1
        else { return false }
        unsafe X509_STORE_CTX_set_depth(context, depth)
        unsafe X509_VERIFY_PARAM_set_auth_level(
            X509_STORE_CTX_get0_param(context), TLSContext.securityLevel)
        unsafe X509_STORE_CTX_set_verify_cb(context, judgeCertificate)
        return unsafe X509_verify_cert(context) == 1
    }

    /// True exactly when a client may resume what it began under this policy.
    ///
    /// - Parameter expiry: when the first certificate of its chain expires; nil where unknown.
    func resumes(hasCertificate: Bool, expiry: Int64?, now: Int64) -> Bool {
        guard hasCertificate else { return mode == .optional }
        guard let expiry else { return false }
        return now < min(expiry, nextUpdate)
    }

    /// True exactly when the client may come: nobody without a certificate where rules say who.
    public func allows(_ client: ClientIdentity?) -> Bool {
        guard !rules.isEmpty else { return client != nil || mode == .optional }
        guard let client else { return false }
        return rules.contains { $0.matches(client) }
    }

    /// More than most have, and far from the 64 KiB that a message holds (RFC 8446 §4.2.4).
    private static let namesLimit = 1 << 14
}

/// Forgives what is none: a trusted authority needs nobody's word that it is not revoked. And says
/// that a revocation list is of no use, so that it does not look as if the certificate were old.
func judgeCertificate(_ isGood: Int32, _ context: OpaquePointer?) -> Int32 {
    // SAFETY: lifetime: the context outlives this call.
    guard isGood != 1 else { return 1 }
    let error = unsafe X509_STORE_CTX_get_error(context)
    let place = unsafe X509_STORE_CTX_get_error_depth(context)
    let count = unsafe martlet_sk_X509_num(X509_STORE_CTX_get0_chain(context))
    let isTrusted = place > 0 && place == count - 1
    switch error {
    case X509_V_ERR_UNABLE_TO_GET_CRL, X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER,
        X509_V_ERR_CRL_HAS_EXPIRED, X509_V_ERR_CRL_NOT_YET_VALID:
        // Its alert is certificate_unknown.
        let verdict = isTrusted ? X509_V_OK : X509_V_ERR_CRL_PATH_VALIDATION_ERROR
        unsafe X509_STORE_CTX_set_error(context, verdict)
        return isTrusted ? 1 : 0
    case X509_V_ERR_CRL_SIGNATURE_FAILURE, X509_V_ERR_KEYUSAGE_NO_CRL_SIGN,
        X509_V_ERR_DIFFERENT_CRL_SCOPE:
        // The list of an authority above, whose key is not known here, is taken for one of its own.
        guard isTrusted else { return 0 }
        unsafe X509_STORE_CTX_set_error(context, X509_V_OK)
        return 1
    default: return 0
    }
}
