/// A group or a signature algorithm as operators may call it.
struct NegotiableName: Sendable {
    /// OpenSSL's name.
    let name: String

    /// What else it is called.
    let aliases: [String]

    /// Why it is not to be served, or nil.
    let weakness: String?

    /// The OpenSSL that it came with; nil where every supported one has it.
    let since: String?

    init(_ name: String, _ aliases: String..., weakness: String? = nil, since: String? = nil) {
        self.name = name
        self.aliases = aliases
        self.weakness = weakness
        self.since = since
    }

    /// The groups (RFC 8446 §4.2.7, and their sequels).
    static let groups = [
        NegotiableName("X25519MLKEM768", since: "3.5"),
        NegotiableName("SecP256r1MLKEM768", since: "3.5"),
        NegotiableName("SecP384r1MLKEM1024", since: "3.5"),
        NegotiableName("X25519"), NegotiableName("P-256", "secp256r1", "prime256v1"),
        NegotiableName("P-384", "secp384r1"), NegotiableName("P-521", "secp521r1"),
        NegotiableName("X448"), NegotiableName("ffdhe2048"), NegotiableName("ffdhe3072"),
        NegotiableName("ffdhe4096"), NegotiableName("ffdhe6144"), NegotiableName("ffdhe8192"),
        NegotiableName("brainpoolP256r1"), NegotiableName("brainpoolP384r1"),
        NegotiableName("brainpoolP512r1"),
        NegotiableName("brainpoolP256r1tls13", since: "3.2"),
        NegotiableName("brainpoolP384r1tls13", since: "3.2"),
        NegotiableName("brainpoolP512r1tls13", since: "3.2"),
        NegotiableName("P-224", "secp224r1", weakness: "it has less than 128 bits of security"),
        NegotiableName(
            "P-192", "secp192r1", "prime192v1", weakness: "it has less than 128 bits of security"),
        NegotiableName("secp256k1", weakness: "TLS 1.3 knows it no more"),
    ]

    /// The signature algorithms (RFC 8446 §4.2.3), which OpenSSL knows by the standard's names too.
    static let signatureAlgorithms = [
        NegotiableName("ecdsa_secp256r1_sha256", "ECDSA+SHA256"),
        NegotiableName("ecdsa_secp384r1_sha384", "ECDSA+SHA384"),
        NegotiableName("ecdsa_secp521r1_sha512", "ECDSA+SHA512"),
        NegotiableName("ed25519"), NegotiableName("ed448"),
        NegotiableName("rsa_pss_rsae_sha256", "RSA-PSS+SHA256", "PSS+SHA256"),
        NegotiableName("rsa_pss_rsae_sha384", "RSA-PSS+SHA384", "PSS+SHA384"),
        NegotiableName("rsa_pss_rsae_sha512", "RSA-PSS+SHA512", "PSS+SHA512"),
        NegotiableName("rsa_pss_pss_sha256"), NegotiableName("rsa_pss_pss_sha384"),
        NegotiableName("rsa_pss_pss_sha512"),
        NegotiableName("rsa_pkcs1_sha256", "RSA+SHA256"),
        NegotiableName("rsa_pkcs1_sha384", "RSA+SHA384"),
        NegotiableName("rsa_pkcs1_sha512", "RSA+SHA512"),
        NegotiableName("ecdsa_brainpoolP256r1tls13_sha256", since: "3.2"),
        NegotiableName("ecdsa_brainpoolP384r1tls13_sha384", since: "3.2"),
        NegotiableName("ecdsa_brainpoolP512r1tls13_sha512", since: "3.2"),
        NegotiableName("mldsa44", since: "3.5"), NegotiableName("mldsa65", since: "3.5"),
        NegotiableName("mldsa87", since: "3.5"),
        NegotiableName("rsa_pkcs1_sha1", "RSA+SHA1", weakness: "SHA-1 is broken"),
        NegotiableName("ecdsa_sha1", "ECDSA+SHA1", weakness: "SHA-1 is broken"),
        NegotiableName("rsa_pkcs1_sha224", "RSA+SHA224", weakness: "SHA-224 is too short"),
        NegotiableName("ecdsa_sha224", "ECDSA+SHA224", weakness: "SHA-224 is too short"),
        NegotiableName("rsa_pkcs1_md5", "RSA+MD5", weakness: "MD5 is broken"),
        NegotiableName("dsa_sha1", "DSA+SHA1", weakness: "no certificate of today has DSA"),
        NegotiableName("dsa_sha256", "DSA+SHA256", weakness: "no certificate of today has DSA"),
    ]
}
