internal import COpenSSL

/// Digests, by OpenSSL.
public enum Digest {
    /// SHA-256 over `bytes`.
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        // SAFETY: bound: the array's count; SHA-256 writes 32 bytes.
        unsafe digest.withUnsafeMutableBufferPointer {
            _ = unsafe EVP_Digest(bytes, bytes.count, $0.baseAddress, nil, EVP_sha256(), nil)
        }
        return digest
    }

    /// SHA-1 over `bytes`: for protocols that name it where nothing rests on its strength
    /// (RFC 6455 §4.2.2).
    public static func sha1(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 20)
        // SAFETY: bound: the array's count; SHA-1 writes 20 bytes.
        unsafe digest.withUnsafeMutableBufferPointer {
            _ = unsafe EVP_Digest(bytes, bytes.count, $0.baseAddress, nil, EVP_sha1(), nil)
        }
        return digest
    }
}
