extension SiteTLSConfig {
    /// The keys of `tls` in an entry of `sites`.
    static let shape = Shape(
        SiteTLSConfig(),
        keys: [
            Key("policy", \.override.policy, .optional(.choice)),
            Key("versions", \.override.versions, .optional(.versions)),
            Key("cipher_suites", \.override.cipherSuites, .optional(.names)),
            Key("groups", \.override.groups, .optional(.names)),
            Key("signature_algorithms", \.override.signatureAlgorithms, .optional(.names)),
            Key(
                "client_certificates", \.clientCertificates,
                .sectionOrOff(ClientCertificateConfig.shape)),
            Key("early_data", \.earlyData, .optional(.onOrOff)),
        ])
}
