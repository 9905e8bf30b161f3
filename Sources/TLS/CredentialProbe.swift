internal import COpenSSL
internal import Synchronization

/// Finds out whether OpenSSL would serve a credential, before a client does.
enum CredentialProbe {
    /// Throws OpenSSL's reason where it refuses the credential, as for a key that is too small.
    static func check(_ credential: Credential) throws(TLSError) {
        let reason: TLSError? = shared.withLock { probe in
            do throws(TLSError) {
                try probe.check(credential)
                return nil
            } catch {
                return error
            }
        }
        if let reason { throw reason }
    }

    private static let shared = Mutex(Probe())

    /// A context that is used for nothing else.
    @safe private struct Probe: ~Copyable {
        // SAFETY: owner: this value; lifetime: until `deinit`; one thread at a time, by the mutex.
        private nonisolated(unsafe) let context: OpaquePointer?

        init() {
            unsafe context = SSL_CTX_new(TLS_server_method())
        }

        deinit { unsafe SSL_CTX_free(context) }

        func check(_ credential: Credential) throws(TLSError) {
            guard let context = unsafe context else { throw ErrorQueue.takeError("make a context") }
            unsafe SSL_CTX_set_security_level(context, TLSContext.securityLevel)
            try unsafe credential.install(in: context)
        }
    }
}
