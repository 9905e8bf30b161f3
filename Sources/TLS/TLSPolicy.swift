/// What a listener offers, as published by Mozilla: every suite is authenticated encryption with
/// forward secrecy.
public enum TLSPolicy: String, Sendable, CaseIterable {
    /// TLS 1.3 only.
    case modern
    /// TLS 1.2 and 1.3.
    case intermediate

    /// The lowest version that is spoken.
    public var minimumVersion: TLSVersion {
        switch self {
        case .modern: return .tls13
        case .intermediate: return .tls12
        }
    }

    /// The suites of TLS 1.3, best first.
    static let suites13 =
        "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"

    /// The suites of TLS 1.2, best first, in OpenSSL's names.
    static let suites12 = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    ].joined(separator: ":")

    /// The groups, best first. The hybrid with ML-KEM comes with OpenSSL 3.5; an older library is
    /// asked for the rest.
    static let groups = ["X25519MLKEM768:X25519:P-256:P-384", "X25519:P-256:P-384"]
}
