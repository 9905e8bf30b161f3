internal import COpenSSL

/// A private key that signs certificates.
@safe struct SigningKey: ~Copyable {
    // SAFETY: owner: this value; lifetime: until `deinit`.
    let handle: OpaquePointer

    /// Makes a key.
    init(_ algorithm: KeyAlgorithm = .ecdsa) throws(TLSError) {
        let made: OpaquePointer?
        switch algorithm {
        case .ecdsa: unsafe made = martlet_make_ec_key("P-256")
        case .rsa: unsafe made = martlet_make_rsa_key(2_048)
        }
        guard let handle = unsafe made else { throw ErrorQueue.takeError("make a key") }
        unsafe self.handle = handle
    }

    /// Reads a key.
    init(pem: [UInt8]) throws(TLSError) {
        guard let source = MemoryBIO(pem),
            let handle = unsafe PEM_read_bio_PrivateKey(
                source.handle, nil, { _, _, _, _ in -1 }, nil)
        else { throw ErrorQueue.takeError("read the authority's key") }
        unsafe self.handle = handle
    }

    deinit { unsafe EVP_PKEY_free(handle) }

    /// The key as PKCS #8 in PEM, without encryption.
    func pem() throws(TLSError) -> [UInt8] {
        guard let target = MemoryBIO(),
            unsafe PEM_write_bio_PKCS8PrivateKey(target.handle, handle, nil, nil, 0, nil, nil) == 1
        else { throw ErrorQueue.takeError("write a key") }
        return target.bytes
    }
}
