internal import COpenSSL

/// What a client's sessions have in common: whom they trust and what they offer.
@safe public final class TLSClientContext: Sendable {
    // SAFETY: owner: this object; lifetime: until `deinit`; not changed after `init`, so threads
    // may share it.
    nonisolated(unsafe) let handle: OpaquePointer
    /// What tells it from contexts that trust, show or offer something else.
    public let identity: [UInt8]
    /// True exactly when a server's certificate has to be good.
    let judgesServers: Bool
    /// When the first revocation list is too old that none replaces, in seconds since 1970.
    let nextUpdate: Int64
    /// True exactly when a revocation list is too old by now, so that nobody is good any more who
    /// needs it.
    public var isOutdated: Bool { nextUpdate != .max && martlet_time() >= nextUpdate }
    /// Held for as long as sessions are judged by it.
    private let pinned: PinnedVerification?

    /// Makes a context.
    ///
    /// - Parameters:
    ///   - trusted: the authorities in PEM; nil accepts any certificate.
    ///   - versions: the versions that are offered.
    ///   - suites: the suites of TLS 1.2 in OpenSSL's names; nil for its default.
    ///   - groups: the groups in OpenSSL's names; nil for its default.
    ///   - signatureAlgorithms: what is verified, in OpenSSL's names; nil for its default.
    ///   - alpn: the application protocols that are offered.
    ///   - credential: what is shown to a server that asks for a certificate.
    /// - Throws: `TLSError` where OpenSSL refuses.
    public init(
        trusted: [UInt8]?, versions: ClosedRange<UInt16> = 0x0303...0x0304, suites: String? = nil,
        groups: String? = nil, signatureAlgorithms: String? = nil, alpn: [String] = [],
        credential: Credential? = nil
    ) throws(TLSError) {
        guard let handle = unsafe KeyScheduleProvider.makeContext(TLS_client_method()) else {
            throw ErrorQueue.takeError("make a context")
        }
        unsafe self.handle = handle
        identity = []
        judgesServers = trusted != nil
        nextUpdate = .max
        pinned = nil
        // SAFETY: the handle is ours; OpenSSL copies strings and counts its own references.
        unsafe martlet_SSL_CTX_set_min_proto_version(handle, Int32(versions.lowerBound))
        unsafe martlet_SSL_CTX_set_max_proto_version(handle, Int32(versions.upperBound))
        if let suites, unsafe SSL_CTX_set_cipher_list(handle, suites) != 1 {
            throw ErrorQueue.takeError("set the suites")
        }
        if let groups, unsafe martlet_SSL_CTX_set1_groups_list(handle, groups) != 1 {
            throw ErrorQueue.takeError("set the groups")
        }
        if let signatureAlgorithms,
            unsafe martlet_SSL_CTX_set1_sigalgs_list(handle, signatureAlgorithms) != 1
        {
            throw ErrorQueue.takeError("set the signature algorithms")
        }
        let names = alpn.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        if !names.isEmpty { unsafe SSL_CTX_set_alpn_protos(handle, names, UInt32(names.count)) }
        unsafe SSL_CTX_set_info_callback(handle, observe)
        if let trusted { try trust(trusted) }
        if let credential { try unsafe credential.install(in: handle) }
    }

    /// Makes a context for a server.
    ///
    /// - Throws: `TLSError` where OpenSSL refuses.
    public init(_ terms: TLSClientTerms) throws(TLSError) {
        guard let handle = unsafe KeyScheduleProvider.makeContext(TLS_client_method()) else {
            throw ErrorQueue.takeError("make a context")
        }
        unsafe self.handle = handle
        identity = terms.identity
        judgesServers = terms.authorities != nil || !terms.pins.isEmpty
        nextUpdate = RevocationLists.nextUpdate(of: terms.lists)
        pinned =
            terms.pins.isEmpty
            ? nil
            : PinnedVerification(pins: terms.pins, verifiesChain: terms.authorities != nil)
        // SAFETY: the handle is ours; OpenSSL copies strings and counts its own references.
        unsafe martlet_SSL_CTX_set_min_proto_version(
            handle, Int32(terms.versions.lowerBound.rawValue))
        unsafe martlet_SSL_CTX_set_max_proto_version(
            handle, Int32(terms.versions.upperBound.rawValue))
        unsafe SSL_CTX_set_security_level(handle, TLSContext.securityLevel)
        unsafe SSL_CTX_set_options(handle, martlet_SSL_OPTIONS)
        unsafe martlet_SSL_CTX_set_mode(handle, Int(SSL_MODE_RELEASE_BUFFERS))
        // Sessions are kept by whoever connects, for each server on its own.
        unsafe martlet_SSL_CTX_set_session_cache_mode(handle, Int(SSL_SESS_CACHE_OFF))
        let name = Array(terms.applicationProtocol.utf8)
        let names = name.isEmpty ? [] : [UInt8(name.count)] + name
        if !names.isEmpty { unsafe SSL_CTX_set_alpn_protos(handle, names, UInt32(names.count)) }
        unsafe SSL_CTX_set_info_callback(handle, observe)
        let store = unsafe SSL_CTX_get_cert_store(handle)
        if let authorities = terms.authorities {
            unsafe authorities.certificates.forEach { certificate in
                unsafe X509_STORE_add_cert(store, certificate)
            }
            // An authority of the operator's may be one that another has signed.
            unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
            ERR_clear_error()
        }
        if judgesServers { unsafe SSL_CTX_set_verify(handle, SSL_VERIFY_PEER, nil) }
        if !terms.lists.isEmpty { try unsafe askForRevocation(by: terms.lists, store) }
        unsafe pinned?.install(in: handle)
        if let credential = terms.credential { try unsafe credential.install(in: handle) }
    }

    deinit { unsafe SSL_CTX_free(handle) }

    /// Lets nobody in of whom these lists do not say that he is not revoked.
    private func askForRevocation(
        by files: [RevocationLists], _ store: OpaquePointer?
    ) throws(TLSError) {
        // SAFETY: the store is the context's, and counts its own references.
        let isFilled = files.allSatisfy { file in
            unsafe file.lists.allSatisfy { unsafe X509_STORE_add_crl(store, $0) == 1 }
        }
        let flags = UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL)
        guard isFilled, unsafe X509_STORE_set_flags(store, flags) == 1 else {
            throw ErrorQueue.takeError("take in revocation lists")
        }
        unsafe SSL_CTX_set_verify(handle, SSL_VERIFY_PEER, judgeCertificate)
    }

    private func trust(_ pem: [UInt8]) throws(TLSError) {
        do throws(CredentialError) {
            let chain = try CertificateChain(pem: pem)
            // SAFETY: the store counts its own references.
            unsafe chain.certificates.forEach { certificate in
                unsafe X509_STORE_add_cert(SSL_CTX_get_cert_store(handle), certificate)
            }
        } catch {
            throw TLSError(operation: "read the trusted authorities", reason: "\(error)")
        }
        unsafe SSL_CTX_set_verify(handle, SSL_VERIFY_PEER, nil)
    }
}
