internal import COpenSSL

/// Reads private keys in PEM: PKCS #8, SEC1 and PKCS #1, encrypted or not.
enum PrivateKeyReader {
    /// The first private key of `pem`, which the caller owns.
    ///
    /// - Throws: `CredentialError`, never a prompt for a passphrase.
    static func read(_ pem: [UInt8], passphrase: [UInt8]?) throws(CredentialError) -> OpaquePointer
    {
        guard let source = MemoryBIO(pem) else { throw .unreadableKey("out of memory") }
        var secret = Passphrase(bytes: passphrase)
        // SAFETY: the caller owns the key; lifetime: the secret outlives the call.
        let key = unsafe withUnsafeMutablePointer(to: &secret) { secret in
            unsafe PEM_read_bio_PrivateKey(source.handle, nil, givePassphrase, secret)
        }
        if let key = unsafe key {
            ERR_clear_error()
            return unsafe key
        }
        let reason = ErrorQueue.takeText()
        let text = String(decoding: pem, as: UTF8.self)
        if text.contains("ENCRYPTED") {
            throw passphrase == nil ? .encryptedKey : .wrongPassphrase
        }
        guard text.contains("PRIVATE KEY-----") else { throw .noKey }
        throw .unreadableKey(reason)
    }
}

/// A passphrase on its way to OpenSSL; nil where there is none.
private struct Passphrase {
    let bytes: [UInt8]?
}

/// Tells OpenSSL the passphrase; -1 where there is none or no room for it.
private func givePassphrase(
    _ buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int32, _ isWriting: Int32,
    _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    // SAFETY: lifetime: `read` holds the passphrase; bound: the capacity of the buffer.
    guard let secret = unsafe argument?.assumingMemoryBound(to: Passphrase.self),
        let bytes = unsafe secret.pointee.bytes, bytes.count <= Int(capacity),
        let buffer = unsafe buffer
    else { return -1 }
    for (index, byte) in bytes.enumerated() {
        unsafe buffer[index] = CChar(bitPattern: byte)
    }
    return Int32(bytes.count)
}
