/// Why a certificate chain and a key are no credential.
public enum CredentialError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The chain holds no certificate in PEM.
    case noCertificate
    /// A certificate cannot be read; OpenSSL's reason.
    case unreadableCertificate(String)
    /// The key file holds no private key in PEM.
    case noKey
    /// The key is encrypted, and nobody is there to type a passphrase.
    case encryptedKey
    /// The passphrase is not that of the key.
    case wrongPassphrase
    /// The key cannot be read; OpenSSL's reason.
    case unreadableKey(String)
    /// No certificate of the chain is that of the key.
    case keyMismatch
    /// OpenSSL does not serve this pair, for its size or algorithm; OpenSSL's reason.
    case refused(String)

    /// What is wrong and what to do, in one line.
    public var description: String {
        switch self {
        case .noCertificate:
            return "the chain holds no certificate; expected PEM, '-----BEGIN CERTIFICATE-----'"
        case .unreadableCertificate(let reason):
            return "a certificate of the chain cannot be read: \(reason)"
        case .noKey:
            return "the key file holds no private key; expected PEM, '-----BEGIN PRIVATE KEY-----'"
        case .encryptedKey:
            return "the private key is encrypted; name the file of its passphrase as "
                + "'passphrase_file', or decrypt it with: openssl pkey -in KEY -out NEW"
        case .wrongPassphrase:
            return "the passphrase is not that of the private key"
        case .unreadableKey(let reason):
            return "the private key cannot be read: \(reason)"
        case .keyMismatch:
            return "the private key does not belong to any certificate of the chain"
        case .refused(let reason):
            return "OpenSSL does not accept the pair: \(reason)"
        }
    }
}
