extension TLSConfig {
    /// RFC 8446 §4.6.1 allows a week at most.
    private static let ticketRange: ClosedRange<Duration> = .seconds(1) ... .seconds(7 * 86_400)

    /// Certificates of public authorities live for hours at least and for years at most.
    private static let warningRange: ClosedRange<Duration> =
        .seconds(3_600) ... .seconds(3_650 * 86_400)

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
            Key("ticket_rotation", \.ticketRotation, .duration(ticketRange)),
            Key("ticket_lifetime", \.ticketLifetime, .duration(ticketRange)),
            Key("ticket_keys", \.ticketKeys, .fileOrOff),
            Key("early_data", \.earlyData, .onOrOff),
            Key("ocsp_stapling", \.ocspStapling, .boolean),
            Key("expiry_warning", \.expiryWarning, .duration(warningRange)),
        ])
}
