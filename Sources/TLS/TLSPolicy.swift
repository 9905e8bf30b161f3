/// What is negotiated with a client: versions, and names in OpenSSL's spelling, best first.
///
/// A name that the OpenSSL at run time lacks is skipped, so that one policy serves with every
/// library; who lets an operator choose names asks `TLSCatalog` first.
public struct TLSPolicy: Sendable, Equatable {
    /// The lowest version that is spoken.
    public var minimumVersion: TLSVersion

    /// The highest version that is spoken.
    public var maximumVersion: TLSVersion

    /// The suites of all versions.
    public var cipherSuites: [String]

    /// The groups of the key exchange.
    public var groups: [String]

    /// What the server signs with, and takes as a client's signature.
    public var signatureAlgorithms: [String]

    /// Puts a policy together.
    public init(
        versions: ClosedRange<TLSVersion>, cipherSuites: [String], groups: [String],
        signatureAlgorithms: [String]
    ) {
        minimumVersion = versions.lowerBound
        maximumVersion = versions.upperBound
        self.cipherSuites = cipherSuites
        self.groups = groups
        self.signatureAlgorithms = signatureAlgorithms
    }

    /// TLS 1.3 only, as Mozilla recommends for clients of today (Server Side TLS 5.7).
    public static let modern = TLSPolicy(
        versions: .tls13 ... .tls13, cipherSuites: suites13, groups: recommendedGroups,
        signatureAlgorithms: recommendedAlgorithms)

    /// TLS 1.2 and 1.3, as Mozilla recommends for everybody (Server Side TLS 5.7).
    public static let intermediate = TLSPolicy(
        versions: .tls12 ... .tls13, cipherSuites: suites13 + suites12, groups: recommendedGroups,
        signatureAlgorithms: recommendedAlgorithms)

    private static let suites13 = [
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
    ]

    private static let suites12 = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
        "DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-AES256-GCM-SHA384", "DHE-RSA-CHACHA20-POLY1305",
    ]

    /// Mozilla's three, and before them the hybrid with ML-KEM, which later machines do not break;
    /// it comes with OpenSSL 3.5.
    private static let recommendedGroups = ["X25519MLKEM768", "X25519", "P-256", "P-384"]

    /// Mozilla names none. These are what certificates of today need, without SHA-1 and SHA-224;
    /// PKCS #1 is for TLS 1.2 and for the certificates of clients.
    private static let recommendedAlgorithms = [
        "ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ecdsa_secp521r1_sha512", "ed25519",
        "ed448", "rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512",
        "rsa_pss_pss_sha256", "rsa_pss_pss_sha384", "rsa_pss_pss_sha512", "rsa_pkcs1_sha256",
        "rsa_pkcs1_sha384", "rsa_pkcs1_sha512",
    ]
}
