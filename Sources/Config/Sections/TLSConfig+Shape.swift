extension TLSConfig {
    /// The keys of `tls`.
    static let shape = Shape(
        TLSConfig(),
        keys: [
            Key("policy", \.offer.policy, .choice),
            Key("versions", \.offer.versions, .versions),
            Key("cipher_suites", \.offer.cipherSuites, .names),
            Key("groups", \.offer.groups, .names),
            Key("signature_algorithms", \.offer.signatureAlgorithms, .names),
            Key("unknown_host", \.unknownHost, .choice),
        ])
}
