internal import COpenSSL

extension TLSContext {
    /// Lets tickets carry what early data and clients' certificates need, and looks at it when they
    /// come back: OpenSSL verifies certificates in full handshakes only.
    func installTicketNotes() {
        // SAFETY: lifetime: each session holds this context, so the callbacks never outlive it.
        let address = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe SSL_CTX_set_session_ticket_cb(handle, writeNote, judgeNote, address)
    }
}

/// Writes the note of a ticket that is about to be sealed. What a session that was resumed says of
/// its client's certificates stays.
private func writeNote(_ session: OpaquePointer?, _ argument: UnsafeMutableRawPointer?) -> Int32 {
    // SAFETY: lifetime: the session owns what is read, and holds its context.
    guard let argument = unsafe argument, let state = unsafe SSL_get_session(session) else {
        return 0
    }
    let context = unsafe Unmanaged<TLSContext>.fromOpaque(argument).takeUnretainedValue()
    var note = TicketNote()
    if let gate = context.earlyData { note.instance = gate.instance }
    if unsafe SSL_session_reused(session) == 1 {
        note.expiry = unsafe TicketNote(of: state)?.expiry
    } else if let chain = unsafe SSL_get0_verified_chain(session) {
        var expiry = Int64.max
        for index in 0..<(unsafe martlet_sk_X509_num(chain)) {
            guard let certificate = unsafe martlet_sk_X509_value(chain, index) else { continue }
            expiry = min(expiry, unsafe CertificateFacts(certificate).notAfter)
        }
        note.expiry = expiry
    }
    return unsafe note.write(to: state) ? 1 : 0
}

/// Decides whether a ticket that was opened may be used: not once a certificate of the client's
/// chain has expired, or a revocation list is too old. The handshake is a full one then.
private func judgeNote(
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
        hasCertificate: SSL_SESSION_get0_peer(resumed) != nil,
        expiry: TicketNote(of: resumed)?.expiry, now: martlet_time())
    return mayResume ? use : SSL_TICKET_RETURN_IGNORE_RENEW
}
