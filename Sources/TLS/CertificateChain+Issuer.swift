internal import COpenSSL
internal import Synchronization

extension CertificateChain {
    /// Who signed the last certificate of the chain, where a client will probably miss the
    /// certificate of that one; nil where the chain ends in a root, or just below one.
    ///
    /// A root need not be sent (RFC 8446 §4.4.2), and no one but the client knows its roots. What
    /// this system takes for one is no loss; nor is who tells no address to fetch the certificate
    /// from, as roots of one's own.
    var missingIssuer: String? {
        // SAFETY: lifetime: the certificates live as long as this value.
        guard linkedCount > 0, unsafe !isSigned(certificates[linkedCount - 1]) else { return nil }
        let last = unsafe certificates[linkedCount - 1]
        let isExpected = unsafe linkedCount < certificates.count || hasIssuerAddress(last)
        guard isExpected, unsafe !SystemRoots.hasIssuer(of: last) else { return nil }
        return unsafe CertificateFacts(last).issuer
    }

    /// True exactly when a certificate signed itself.
    private func isSigned(_ certificate: OpaquePointer) -> Bool {
        // SAFETY: lifetime: the caller holds the certificate.
        defer { ERR_clear_error() }
        return unsafe X509_check_issued(certificate, certificate) == X509_V_OK
    }

    /// True exactly when a certificate says where its issuer's is (RFC 5280 §4.2.2.1).
    private func hasIssuerAddress(_ certificate: OpaquePointer) -> Bool {
        // SAFETY: the list is ours and freed here; its items are only looked at.
        let access = unsafe X509_get_ext_d2i(certificate, NID_info_access, nil, nil)
        guard let list = unsafe access.map({ OpaquePointer($0) }) else { return false }
        defer { unsafe martlet_AUTHORITY_INFO_ACCESS_free(list) }
        return unsafe martlet_has_ca_issuers(list) == 1
    }
}

/// The authorities that this machine trusts.
private enum SystemRoots {
    /// True exactly when the certificate of the issuer is among them.
    static func hasIssuer(of certificate: OpaquePointer) -> Bool {
        // SAFETY: lifetime: the caller holds the certificate during the call, which keeps nothing.
        shared.withLock { roots in unsafe roots.hasIssuer(of: certificate) }
    }

    /// Read once: hundreds of authorities, which ten thousand chains may be compared with.
    private static let shared = Mutex(Roots())

    @safe private struct Roots: ~Copyable {
        // SAFETY: owner: this value; lifetime: until `deinit`; one thread at a time, by the mutex.
        private nonisolated(unsafe) let store: OpaquePointer?

        init() {
            unsafe store = X509_STORE_new()
            unsafe X509_STORE_set_default_paths(store)
            ERR_clear_error()
        }

        deinit { unsafe X509_STORE_free(store) }

        func hasIssuer(of certificate: OpaquePointer) -> Bool {
            // SAFETY: what is made here is freed here; the certificate that is found counts its own
            // references.
            guard let context = unsafe X509_STORE_CTX_new() else { return false }
            defer {
                unsafe X509_STORE_CTX_free(context)
                ERR_clear_error()
            }
            guard unsafe X509_STORE_CTX_init(context, store, certificate, nil) == 1 else {
                return false
            }
            var issuer: OpaquePointer?
            guard unsafe X509_STORE_CTX_get1_issuer(&issuer, context, certificate) == 1 else {
                return false
            }
            unsafe X509_free(issuer)
            return true
        }
    }
}
