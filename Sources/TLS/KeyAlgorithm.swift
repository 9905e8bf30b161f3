/// The kinds of keys that are made here.
public enum KeyAlgorithm: Sendable, CaseIterable {
    /// ECDSA on P-256, which every client of today verifies, and fast.
    case ecdsa
    /// RSA with 2048 bits, for clients of yesterday.
    case rsa
}
