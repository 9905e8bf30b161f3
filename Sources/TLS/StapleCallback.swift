internal import COpenSSL

/// Sends the staple of the chosen certificate, where there is one that is current; asked in full
/// handshakes only, of clients that want it (RFC 6066 §8).
func sendStaple(_ session: OpaquePointer?, _ argument: UnsafeMutableRawPointer?) -> Int32 {
    // SAFETY: lifetime: the session, its transport and its context outlive this call; OpenSSL has
    // made the certificate that it sends the current one.
    guard let transport = unsafe transport(session),
        let leaf = unsafe SSL_get_certificate(session),
        let address = unsafe argument,
        unsafe transport.pointee.site >= 0
    else { return SSL_TLSEXT_ERR_NOACK }
    let context = unsafe Unmanaged<TLSContext>.fromOpaque(address).takeUnretainedValue()
    let credentials = unsafe context.store.sites[transport.pointee.site].credentials
    guard let credential = credentials.first(where: { unsafe $0.leaf == leaf }),
        let staple = credential.staple.current(at: martlet_time())
    else { return SSL_TLSEXT_ERR_NOACK }
    return unsafe give(staple.bytes, to: session)
}

private func give(_ bytes: [UInt8], to session: OpaquePointer?) -> Int32 {
    // SAFETY: owner: the session, which frees the copy; bound: the array's count.
    guard let copy = unsafe martlet_OPENSSL_malloc(bytes.count) else {
        return SSL_TLSEXT_ERR_NOACK
    }
    unsafe bytes.withUnsafeBytes { source in
        guard let start = source.baseAddress else { return }
        unsafe copy.copyMemory(from: start, byteCount: source.count)
    }
    let typed = unsafe copy.assumingMemoryBound(to: UInt8.self)
    guard unsafe martlet_SSL_set_tlsext_status_ocsp_resp(session, typed, bytes.count) == 1 else {
        unsafe CRYPTO_free(copy, nil, 0)
        return SSL_TLSEXT_ERR_NOACK
    }
    return SSL_TLSEXT_ERR_OK
}
