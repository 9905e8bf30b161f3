internal import COpenSSL

extension TLSContext {
    /// Asks a session's client for a certificate, if its site does; false where OpenSSL refuses.
    func askClient(of site: Int, in session: OpaquePointer) -> Bool {
        guard let policy = store.clientVerification(of: site) else { return true }
        // SAFETY: lifetime: the caller's session outlives the call.
        return unsafe policy.apply(to: session)
    }

    /// Lets tickets carry for how long the client's certificate is good, and looks at it when they
    /// come back: OpenSSL verifies certificates in full handshakes only.
    func installTicketChecks() {
        // SAFETY: lifetime: each session holds this context, so the callbacks never outlive it.
        let address = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe SSL_CTX_set_session_ticket_cb(handle, noteExpiry, checkExpiry, address)
    }

    /// True exactly when clients are asked for the same certificates at both sites, and the same
    /// may come.
    func asksAlike(_ site: Int, _ other: Int) -> Bool {
        let (first, second) = (
            store.clientVerification(of: site), store.clientVerification(of: other)
        )
        return first === second || first?.digest == second?.digest
    }
}

/// Writes into a session, before it is sealed in a ticket, when the first certificate of the
/// client's chain expires. One that was resumed has it already.
private func noteExpiry(_ session: OpaquePointer?, _ argument: UnsafeMutableRawPointer?) -> Int32 {
    // SAFETY: lifetime: the session owns what is read and copies what it is given; bound: eight
    // bytes.
    guard unsafe SSL_session_reused(session) == 0 else { return 1 }
    guard let chain = unsafe SSL_get0_verified_chain(session) else { return 1 }
    var expiry = Int64.max
    for index in 0..<(unsafe martlet_sk_X509_num(chain)) {
        guard let certificate = unsafe martlet_sk_X509_value(chain, index) else { continue }
        expiry = min(expiry, unsafe CertificateFacts(certificate).notAfter)
    }
    return unsafe withUnsafeBytes(of: expiry.bigEndian) {
        unsafe SSL_SESSION_set1_ticket_appdata(SSL_get_session(session), $0.baseAddress, $0.count)
    }
}

/// Decides whether a ticket that was opened may be used: not once a certificate of the client's
/// chain has expired, or a revocation list is too old. The handshake is a full one then.
private func checkExpiry(
    _ session: OpaquePointer?, _ resumed: OpaquePointer?, _ name: UnsafePointer<UInt8>?,
    _ nameCount: Int, _ status: Int32, _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    guard status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW else {
        return SSL_TICKET_RETURN_IGNORE_RENEW
    }
    let use = status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW
    // SAFETY: lifetime: the session, its transport and its context outlive this call.
    guard let argument = unsafe argument,
        let transport = unsafe SSL_get_ex_data(session, 0)?.assumingMemoryBound(to: Transport.self)
    else { return SSL_TICKET_RETURN_ABORT }
    let context = unsafe Unmanaged<TLSContext>.fromOpaque(argument).takeUnretainedValue()
    let site = unsafe transport.pointee.site
    guard site >= 0, let policy = context.store.clientVerification(of: site) else { return use }
    let mayResume = unsafe policy.resumes(
        hasCertificate: SSL_SESSION_get0_peer(resumed) != nil, expiry: expiry(of: resumed),
        now: martlet_time())
    return mayResume ? use : SSL_TICKET_RETURN_IGNORE_RENEW
}

/// What `noteExpiry` has written into a session; nil where it has not.
func expiry(of session: OpaquePointer?) -> Int64? {
    var start: UnsafeMutableRawPointer?
    var count = 0
    // SAFETY: lifetime: the bytes belong to the session; bound: the count is looked at.
    guard unsafe SSL_SESSION_get0_ticket_appdata(session, &start, &count) == 1,
        count == MemoryLayout<Int64>.size, let start = unsafe start
    else { return nil }
    return unsafe Int64(bigEndian: start.loadUnaligned(as: Int64.self))
}
