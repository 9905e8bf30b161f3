extension TLSConfig {
    /// The keys of `tls`.
    static let shape = Shape(
        TLSConfig(),
        keys: [
            Key("policy", \.policy, .choice),
            Key("unknown_host", \.unknownHost, .choice),
            Key("ocsp_stapling", \.ocspStapling, .boolean),
        ])
}
