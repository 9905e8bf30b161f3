internal import COpenSSL

extension TLSContext {
    /// Asks a session's client for a certificate, if its site does; false where OpenSSL refuses.
    func askClient(of site: Int, in session: OpaquePointer) -> Bool {
        guard let policy = store.clientVerification(of: site) else { return true }
        // SAFETY: lifetime: the caller's session outlives the call.
        return unsafe policy.apply(to: session)
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
