internal import COpenSSL

/// A session that a client can resume.
@safe public final class TLSClientTicket {
    // SAFETY: owner: this object; lifetime: until `deinit`.
    let handle: OpaquePointer

    init(_ handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe SSL_SESSION_free(handle) }
}
