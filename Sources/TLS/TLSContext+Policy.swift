internal import COpenSSL

extension TLSContext {
    /// Sets what is negotiated at every site that says nothing else.
    func configure(_ lists: PolicyLists) throws(TLSError) {
        // SAFETY: owner: this context, which is being made.
        try unsafe lists.apply(to: handle)
        let hasFiniteField =
            lists.hasFiniteField || sitePolicies.values.contains(where: \.hasFiniteField)
        if hasFiniteField { try setFiniteField() }
    }

    /// The group of DHE suites. Left to itself, OpenSSL would take one as strong as the
    /// certificate, at ten times the cost where that is RSA with 4096 bits.
    private func setFiniteField() throws(TLSError) {
        // SAFETY: the generator is freed here; the context takes the parameters if it succeeds.
        let generator = unsafe EVP_PKEY_CTX_new_from_name(nil, "DH", nil)
        defer { unsafe EVP_PKEY_CTX_free(generator) }
        var parameters: OpaquePointer?
        guard unsafe EVP_PKEY_paramgen_init(generator) == 1,
            unsafe EVP_PKEY_CTX_set_group_name(generator, TLSContext.finiteField) == 1,
            unsafe EVP_PKEY_paramgen(generator, &parameters) == 1
        else { throw ErrorQueue.takeError("make the group of DHE") }
        guard unsafe SSL_CTX_set0_tmp_dh_pkey(handle, parameters) == 1 else {
            unsafe EVP_PKEY_free(parameters)
            throw ErrorQueue.takeError("set the group of DHE")
        }
    }

    /// Lets a session negotiate what its site says; true where the site says nothing.
    func applySitePolicy(_ site: Int, to session: OpaquePointer) -> Bool {
        guard let lists = sitePolicies[site] else { return true }
        // SAFETY: lifetime: the caller's session outlives the call.
        return unsafe lists.apply(toSession: session)
    }

    /// True exactly when what is negotiated for one site may carry requests for the other.
    func negotiatesAlike(_ site: Int, _ other: Int) -> Bool {
        site == other || sitePolicies[site] == sitePolicies[other]
    }

    /// As Mozilla publishes it, and no prime of our own (RFC 7919 §A.1).
    private static let finiteField = "ffdhe2048"
}
