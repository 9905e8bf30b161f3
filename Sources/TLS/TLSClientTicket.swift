internal import COpenSSL

/// A session that a client can resume.
@safe public final class TLSClientTicket {
    // SAFETY: owner: this object; lifetime: until `deinit`.
    let handle: OpaquePointer

    init(_ handle: OpaquePointer) { unsafe self.handle = handle }

    /// How much early data may go with it; 0 for none.
    public var earlyDataLimit: Int { Int(unsafe SSL_SESSION_get_max_early_data(handle)) }

    deinit { unsafe SSL_SESSION_free(handle) }
}
