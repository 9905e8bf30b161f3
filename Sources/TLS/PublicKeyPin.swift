internal import COpenSSL

/// The key that a server must have: SHA-256 over its public key's encoding (RFC 7469 §2.4).
public struct PublicKeyPin: Hashable, Sendable {
    /// The digest.
    let digest: [UInt8]

    /// Reads `sha256/` and Base64; nil for anything else.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        let prefix = Array("sha256/".utf8)
        guard bytes.starts(with: prefix), bytes.count == prefix.count + 44,
            let digest = Base64.decode(bytes[prefix.count...]), digest.count == 32
        else { return nil }
        self.digest = digest
    }

    /// The pin of a certificate's key.
    init?(certificate: OpaquePointer) {
        // SAFETY: lifetime: the certificate is the caller's during the call; OpenSSL allocates what
        // it writes, which is copied and freed here; bound: the count that it returns.
        var start: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &start)
        guard count > 0, let start = unsafe start else { return nil }
        defer { unsafe CRYPTO_free(start, nil, 0) }
        digest = unsafe Digest.sha256(
            Array(UnsafeBufferPointer(start: start, count: Int(count))))
    }

    /// The pin as it is written in a configuration.
    public var text: String { "sha256/" + String(decoding: Base64.encode(digest), as: UTF8.self) }
}
