internal import COpenSSL

/// A session that a client can resume.
@safe public final class TLSClientTicket {
    // SAFETY: owner: this object; lifetime: until `deinit`.
    let handle: OpaquePointer

    init(_ handle: OpaquePointer) { unsafe self.handle = handle }

    /// What the server sealed, as it goes over the wire.
    var sealed: [UInt8] {
        var start: UnsafePointer<UInt8>?
        var count = 0
        // SAFETY: lifetime: the bytes belong to the session and are copied; bound: their count.
        unsafe SSL_SESSION_get0_ticket(handle, &start, &count)
        return unsafe Array(UnsafeBufferPointer(start: start, count: count))
    }

    /// True exactly when it resumes one session only, as in TLS 1.3: who sees it twice knows that
    /// both are of the same client (RFC 8446 §C.4).
    public var isSingleUse: Bool {
        unsafe SSL_SESSION_get_protocol_version(handle) >= Int32(TLSVersion.tls13.rawValue)
    }

    /// How much early data may go with it; 0 for none.
    public var earlyDataLimit: Int { Int(unsafe SSL_SESSION_get_max_early_data(handle)) }

    /// True exactly when the server's certificate has expired.
    var isServerExpired: Bool {
        // SAFETY: lifetime: the certificate belongs to the session, and its times to it.
        guard let server = unsafe SSL_SESSION_get0_peer(handle) else { return false }
        return unsafe CertificateFacts.seconds(X509_get0_notAfter(server)) <= martlet_time()
    }

    deinit { unsafe SSL_SESSION_free(handle) }
}
