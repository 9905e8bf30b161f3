internal import COpenSSL

/// What the sessions of a listener have in common: policy, protocols, ticket keys, and the sites
/// with their certificates.
///
/// There is one context for all sites, so that ten thousand of them start in seconds: the site is
/// chosen by the ClientHello, and its certificates are lent to the session. Those of the first site
/// stand in the context itself.
@safe public final class TLSContext: Sendable {
    // SAFETY: owner: this object; lifetime: until `deinit`; not changed after `init`, so threads
    // may share it.
    nonisolated(unsafe) let handle: OpaquePointer
    let store: CredentialStore
    /// Protocol names as on the wire, best first (RFC 7301 §3.1).
    let protocols: [UInt8]
    /// What binds a ticket to its site, by site.
    let identities: [[UInt8]]
    /// Held for as long as the context seals with them.
    public let ticketKeys: TicketKeys
    /// What is negotiated at the sites that differ from the others, by site.
    let sitePolicies: [Int: PolicyLists]
    /// Which certificates are shown at the sites that have two of one kind of key, by site.
    let choices: [Int: CredentialChoice]
    /// What admits early data; nil where no site accepts any.
    let earlyData: EarlyDataGate?

    /// Makes a context.
    ///
    /// - Parameters:
    ///   - store: the sites; the first has a credential.
    ///   - policy: what is negotiated.
    ///   - sitePolicies: what is negotiated at the sites that differ, by site.
    ///   - alpn: the application protocols, best first.
    ///   - ticketLifetime: how long a client may resume, in seconds; a week at most in TLS 1.3.
    ///   - earlyData: the process's gate for early data; nil where none is accepted.
    /// - Throws: `TLSError` where OpenSSL refuses.
    public init(
        store: CredentialStore, policy: TLSPolicy, sitePolicies: [Int: TLSPolicy] = [:],
        alpn: [String], ticketKeys: TicketKeys, ticketLifetime: Int = 86_400,
        earlyData: EarlyDataGate? = nil
    ) throws(TLSError) {
        guard let handle = unsafe KeyScheduleProvider.makeContext(TLS_server_method()) else {
            throw ErrorQueue.takeError("make a context")
        }
        unsafe self.handle = handle
        self.store = store
        self.ticketKeys = ticketKeys
        self.earlyData = store.sites.contains(where: \.allowsEarlyData) ? earlyData : nil
        protocols = alpn.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        let lists = PolicyLists(policy)
        let siteLists = sitePolicies.mapValues { PolicyLists($0) }
        self.sitePolicies = siteLists
        choices = store.sites.reduce(into: [:]) { $0[$1.index] = CredentialChoice($1.credentials) }
        identities = store.sites.map { site in
            TLSContext.identity(of: site, policy: siteLists[site.index] ?? lists)
        }
        try configure()
        try configure(lists)
        unsafe ticketKeys.install(in: handle)
        unsafe SSL_CTX_set_timeout(handle, ticketLifetime)
        for credential in (store.sites.first?.credentials ?? []).reversed() {
            try unsafe credential.install(in: handle)
        }
        installCallbacks()
        unsafe KeyLog.install(in: handle)
        if store.asksClients || self.earlyData != nil { installTicketNotes() }
        if let gate = self.earlyData { installEarlyData(gate) }
    }

    deinit { unsafe SSL_CTX_free(handle) }

    private func configure() throws(TLSError) {
        // SAFETY: the handle is ours; the strings are copied.
        unsafe SSL_CTX_set_security_level(handle, TLSContext.securityLevel)
        unsafe SSL_CTX_set_options(handle, TLSContext.options)
        unsafe martlet_SSL_CTX_set_mode(handle, TLSContext.modes)
        unsafe martlet_SSL_CTX_set_session_cache_mode(handle, Int(SSL_SESS_CACHE_OFF))
        // One ticket: a second costs 27 µs and serves only clients that open two connections at
        // once.
        unsafe SSL_CTX_set_num_tickets(handle, 1)
        if let first = identities.first { try bind(to: first) }
    }

    private func bind(to identity: [UInt8]) throws(TLSError) {
        // SAFETY: OpenSSL copies the bytes; bound: their count.
        guard unsafe SSL_CTX_set_session_id_context(handle, identity, UInt32(identity.count)) == 1
        else {
            throw ErrorQueue.takeError("bind tickets to their site")
        }
    }

    /// What a ticket of the site carries: a session is resumed only where it began, and only as
    /// long as clients are judged there as they were, so that no certificate check of one site is
    /// inherited by another (RFC 8446 §4.2.11 leaves that to the server).
    private static func identity(
        of site: CredentialStore.Site, policy: PolicyLists
    ) -> [UInt8] {
        var name = Array("\(site.hosts.first ?? "")\n\(policy.summary)".utf8)
        // What one protocol's site has judged says nothing at another's of the same host.
        if site.service != .http { name += [1] + site.protocols }
        // A client certificate policy has 32 bytes, and there is no NUL before it.
        return Digest.sha256(name + (site.clientVerification.map { [0] + $0.digest } ?? []))
    }

    /// The protocols that are offered at a site, as on the wire; none where any will do.
    func protocols(of site: Int) -> [UInt8] {
        guard site >= 0, store.sites[site].service != .http else { return protocols }
        return store.sites[site].protocols
    }

    /// 112 bits of security: no RSA key below 2048 bits, no SHA-1 signature.
    static let securityLevel: Int32 = 2

    /// No renegotiation, as each costs a handshake; no compression (CRIME); the server's
    /// preference, but ChaCha20 for clients that lead with it, which are those without AES in
    /// hardware.
    private static let options = martlet_SSL_OPTIONS

    /// Sessions give their record buffers back while idle.
    private static let modes = Int(SSL_MODE_RELEASE_BUFFERS)
}
